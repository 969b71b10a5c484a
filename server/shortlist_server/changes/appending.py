"""Appending to the log of changes and reading it, with failures in the server's own words."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shortlist_bundle.changes.change import Change
from shortlist_bundle.changes.log import Appended, ChangeLog
from shortlist_bundle.errors import StorageError, StorageFull
from shortlist_server.errors import LogFull, LogUnavailable

log = logging.getLogger(__name__)

_RETRY_AFTER = 1.0


def append(changes: ChangeLog, appended: Sequence[Change]) -> Appended:
    """Append changes, and say in the server's words when that fails.

    Raises:
        LogFull: There is no room.
        LogUnavailable: The log cannot be written; the server's log says why.
    """
    with clear_log_errors():
        return changes.append(appended) if appended else Appended(position=changes.newest(), outcomes=())


@contextmanager
def clear_log_errors() -> Iterator[None]:
    """Say in the server's words when the log cannot be used.

    Raises:
        LogFull, LogUnavailable: See `append`.
    """
    try:
        yield
    except StorageFull as error:
        log.error("%s", error)
        raise LogFull() from error
    except StorageError as error:
        log.error("%s", error)
        raise LogUnavailable(retry_after=_RETRY_AFTER) from error
