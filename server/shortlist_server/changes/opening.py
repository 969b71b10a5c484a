"""Opening a log's folder: one process at a time, and the head is repaired or made before anybody uses it."""

import fcntl
from pathlib import Path
from typing import IO

from shortlist_bundle.changes.head import HEAD, Head, clear_sqlite_errors
from shortlist_bundle.errors import ChangesDamaged
from shortlist_bundle.files.storage import clear_errors, make_folder
from shortlist_server.changes.repairing import make_head, set_head_aside

_OPENING = ".opening"
_OPEN = ".open"


def open_head(folder: Path) -> tuple[Head, IO[bytes]]:
    """Return a connection to the head, and the file whose lock says that the log is in use.

    Raises:
        ChangesDamaged: The head is damaged, and other processes are using it: it is repaired when all are ended.
        StorageError: The file system refused.
    """
    with clear_errors("opening the log of changes"):
        make_folder(folder)
        with (folder / _OPENING).open("ab") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            used = (folder / _OPEN).open("ab")
            try:
                return _head(folder, used), used
            except BaseException:
                used.close()
                raise


def _head(folder: Path, used: IO[bytes]) -> Head:
    with clear_sqlite_errors("making the log of changes"):
        if not (folder / HEAD).exists():
            make_head(folder)
        try:
            head = _checked(folder)
        except ChangesDamaged:
            _need_for_oneself(used)
            set_head_aside(folder)
            head = _checked(folder)
    fcntl.flock(used, fcntl.LOCK_SH)
    return head


def _need_for_oneself(used: IO[bytes]) -> None:
    try:
        fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        problem = "the head of the log of changes is damaged; end all servers that use it, and start again"
        raise ChangesDamaged(problem) from None


def _checked(folder: Path) -> Head:
    """Return the head after a look at every page of its changes; ids are looked at when they are used."""
    head = Head(folder)
    try:
        with clear_sqlite_errors("checking the log of changes"):
            for table in ("changes", "segments"):
                (found,) = head.connection.execute(f"PRAGMA quick_check('{table}')").fetchone()
                if found != "ok":
                    raise ChangesDamaged(f"checking the log of changes: {found}")
    except BaseException:
        head.close()
        raise
    return head
