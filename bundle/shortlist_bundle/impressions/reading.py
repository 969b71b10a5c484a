"""The impressions of a log's folder, whichever process wrote them."""

import logging
from collections.abc import Iterator
from pathlib import Path

from shortlist_bundle.changes.records import Damage, read_records
from shortlist_bundle.files.storage import clear_errors
from shortlist_bundle.impressions.encoding import read_impression
from shortlist_bundle.impressions.impression import Impression

IMPRESSIONS = "impressions"
"""The folder in that of the log."""
SUFFIX = ".impressions"
log = logging.getLogger(__name__)


def read_impressions(folder: Path) -> Iterator[Impression]:
    """Yield the impressions of a log, those of one process in their order; what is damaged is skipped and told.

    The last record of a file may be half a one: that of a process that writes it now, or was ended while it did.

    Raises:
        StorageError: A file cannot be read.
        DocumentError: A record is of a newer release.
    """
    for path in sorted((folder / IMPRESSIONS).glob(f"*{SUFFIX}")):
        with clear_errors("reading impressions"):
            data = path.read_bytes()
        for part in read_records(data):
            if not isinstance(part, Damage):
                yield read_impression(part.data)
            elif part.end < len(data):
                log.error("%s is damaged and read without its bytes %d to %d", path.name, part.start, part.end - 1)
