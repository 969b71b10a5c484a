"""What happens to a model's bundles here: told to the log of the process, and to the model's audit log."""

import logging
import os

from shortlist_bundle.documents import JSON
from shortlist_bundle.errors import BundleError
from shortlist_server.releases.shelf import Shelf

log = logging.getLogger(__name__)


class Diary:
    """Writes entries; that one cannot be written is said, and stops nothing.

    Args:
        shelf: whose audit log.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def say(self, event: str, **facts: JSON) -> None:
        """Write one entry."""
        log.info("%s %s", event, facts)
        try:
            self._shelf.record(event, by="server", pid=os.getpid(), **facts)
        except (BundleError, OSError) as error:
            # A folder that may only be read is no reason to stop serving.
            log.warning("the audit log of model %s cannot be written: %s", self._shelf.model, error)
