"""Reading a log's folder: sealed segments first, then the head; what is damaged is skipped and told."""

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from shortlist_bundle.changes.change import Change
from shortlist_bundle.changes.encoding import read_change
from shortlist_bundle.changes.head import HEAD, Head, clear_sqlite_errors
from shortlist_bundle.changes.log import Position
from shortlist_bundle.changes.records import Damage, Record
from shortlist_bundle.changes.segments import read_segment
from shortlist_bundle.errors import StorageError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DamagedPart:
    """A stretch of a log that cannot be read: bytes of a segment, or positions of the head.

    Attributes:
        file: name of the segment, or `HEAD`.
        start, end: the stretch; `end` is not in it.
    """

    file: str
    start: int
    end: int

    def __str__(self) -> str:
        what = "positions" if self.file == HEAD else "bytes"
        return f"{self.file}: {what} {self.start} to {self.end - 1}" if self.end else f"{self.file}: all of it"


class Reader:
    """Reads the changes of a folder, whoever writes them meanwhile. Safe to use from several threads at once.

    Args:
        folder: of the log.

    Raises:
        StorageError: There is no log, or the head cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / HEAD).is_file():
            raise StorageError(f"{folder}: there is no log of changes here (no {HEAD})")
        self.folder = folder
        self._head = Head(folder)
        self._lock = threading.Lock()
        self._damaged: dict[DamagedPart, None] = {}
        self._cursor: tuple[str, Position, Iterator[Record]] | None = None

    @property
    def damaged(self) -> tuple[DamagedPart, ...]:
        """What was found damaged so far, each once."""
        return tuple(self._damaged)

    def close(self) -> None:
        """Close the head."""
        self._head.close()

    def newest(self) -> Position:
        """See `ChangeLog.newest`."""
        with self._lock, clear_sqlite_errors("reading the log of changes"):
            return self._head.newest()

    def read(self, after: Position, *, limit: int) -> Sequence[tuple[Position, Change]]:
        """See `ChangeLog.read`."""
        with self._lock, clear_sqlite_errors("reading the log of changes"):
            found = self._records(after, limit)
        return [(record.position, read_change(record.data)) for record in found]

    def _records(self, after: Position, limit: int) -> list[Record]:
        found: list[Record] = []
        while len(found) < limit:
            # One state of the head: what is sealed meanwhile is in the list of segments or among the changes.
            with self._head.transaction("DEFERRED"):
                segment = self._head.segment_after(after)
                newest = [] if segment else self._head.records(after, limit - len(found))
            if segment is None:
                found += self._whole(HEAD, iter(newest))
                break
            found += self._of_segment(segment.name, after, limit - len(found))
            after = found[-1].position if len(found) == limit else segment.last
        return found

    def _of_segment(self, name: str, after: Position, limit: int) -> list[Record]:
        """Return the next records of a segment; a reader who goes on where it stopped reads the file once."""
        if self._cursor is not None and self._cursor[:2] == (name, after):
            records = self._cursor[2]
        else:
            whole = self._whole(name, read_segment(self.folder, name))
            records = (record for record in whole if record.position > after)
        found = list(islice(records, limit))
        self._cursor = (name, found[-1].position, records) if len(found) == limit else None
        return found

    def _whole(self, file: str, parts: Iterator[Record | Damage]) -> Iterator[Record]:
        for part in parts:
            if isinstance(part, Record):
                yield part
                continue
            damaged = DamagedPart(file, part.start, part.end)
            if damaged not in self._damaged:
                self._damaged[damaged] = None
                log.error("the log of changes is damaged and read without %s", damaged)


def read_all(
    reader: Reader, after: Position, until: Position, *, page: int = 10_000
) -> Iterator[tuple[Position, Change]]:
    """Yield all changes behind one position up to another, the other included."""
    while after < until:
        found = reader.read(after, limit=page)
        if not found:
            return
        yield from ((position, change) for position, change in found if position <= until)
        after = found[-1][0]
