"""The head's changes -> sealed segments, when they are many or old; ids that nobody will send again are let go."""

import fcntl
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shortlist_bundle.changes.head import Head, clear_sqlite_errors
from shortlist_bundle.changes.records import Record
from shortlist_bundle.changes.segments import segment_name, write_segment
from shortlist_bundle.errors import StorageError
from shortlist_bundle.files.storage import clear_errors
from shortlist_server.changes.forgetting import forget_in_segments, forgotten_in, without
from shortlist_server.changes.settings import LogSettings

log = logging.getLogger(__name__)

LOCK = ".sealing"
_PAUSE = 5.0
"""Seconds between two looks at the head."""
_ROWS = 4_096


class Sealing:
    """A thread that looks after the size of the head, in each process; one of them does it at a time.

    Args:
        folder: of the log.
        settings: when to seal, and how long to keep ids.
        pause: seconds between two looks.
    """

    def __init__(self, folder: Path, settings: LogSettings, *, pause: float = _PAUSE) -> None:
        self._folder = folder
        self._settings = settings
        self._pause = pause
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sealing", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(self._pause):
            try:
                seal_if_due(self._folder, self._settings)
            except StorageError as error:
                # The changes stay in the head, where they are as safe; it only grows until there is room.
                log.warning("the log of changes could not be sealed: %s", error)


def seal_if_due(folder: Path, settings: LogSettings) -> int:
    """Seal the head's changes if they are many or old enough; return how many segments were written.

    Raises:
        StorageError: The file system refused; what was not sealed is still in the head.
    """
    with clear_sqlite_errors("sealing changes"), clear_errors("sealing changes"), only_one(folder) as mine:
        return _seal_while_due(folder, settings) if mine else 0


@contextmanager
def only_one(folder: Path) -> Iterator[bool]:
    """Say whether no other process writes segments now; none will until the end."""
    with (folder / LOCK).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _seal_while_due(folder: Path, settings: LogSettings) -> int:
    head, written = Head(folder), 0
    try:
        while _due(head, settings) and _seal(folder, head, settings):
            written += 1
    finally:
        head.close()
    return written


def _due(head: Head, settings: LogSettings) -> bool:
    size, oldest = head.connection.execute("SELECT sum(length(data)), min(written) FROM changes").fetchone()
    if size is None:
        return False
    return bool(size >= settings.segment_bytes or time.time() - oldest >= settings.segment_seconds)


def _seal(folder: Path, head: Head, settings: LogSettings) -> bool:
    """Write the oldest changes as one segment, then take them out of the head: at every moment they are somewhere."""
    with head.transaction("DEFERRED"):
        first, last, records = _oldest(head, settings.segment_bytes)
    if first is None or last is None:
        return False
    forgotten = forgotten_in(records)
    forget_in_segments(folder, forgotten)
    write_segment(folder, segment_name(first), without(records, forgotten))
    with head.transaction("IMMEDIATE"):
        now = time.time()
        head.connection.execute("INSERT OR REPLACE INTO segments VALUES (?, ?, ?)", (first, last, now))
        head.connection.execute("DELETE FROM changes WHERE position <= ?", (last,))
        _forget_ids(head.connection, now - settings.id_seconds, settings.most_ids)
    return True


def _oldest(head: Head, most_bytes: int) -> tuple[int | None, int | None, list[Record]]:
    """Return the first and last position of the oldest changes, damaged ones included, and those that are whole."""
    records: list[Record] = []
    first = last = None
    size = 0
    while size < most_bytes:
        page = head.records(last or 0, _ROWS)
        for part in page:
            last = part.position if isinstance(part, Record) else part.start
            first = last if first is None else first
            if isinstance(part, Record):
                records.append(part)
                size += len(part.data)
        if len(page) < _ROWS:
            break
    return first, last, records


def _forget_ids(connection: sqlite3.Connection, sealed_before: float, most: int) -> None:
    connection.execute(
        "DELETE FROM ids WHERE position <= (SELECT max(last) FROM segments WHERE sealed < ?)", (sealed_before,)
    )
    connection.execute("DELETE FROM ids WHERE position <= (SELECT max(position) FROM ids) - ?", (most,))
