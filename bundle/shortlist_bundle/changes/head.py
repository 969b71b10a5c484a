"""The head of a log: an SQLite file with the newest changes, the ids of recorded events, and the list of segments.

WAL mode lets readers of any process go on while one writer commits; with `synchronous=FULL` a commit is on the disk
when it returns (sqlite.org/wal.html, sqlite.org/pragma.html#pragma_synchronous).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from shortlist_bundle.changes.log import START, Position
from shortlist_bundle.changes.records import Damage, Record, checksum
from shortlist_bundle.changes.segments import Segment
from shortlist_bundle.documents import write_document
from shortlist_bundle.errors import ChangesDamaged, StorageError, StorageFull

HEAD = "head.db"
FORMAT = 1
BUSY_SECONDS = 10.0
"""How long to wait for another process that writes."""
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS changes (position INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, data BLOB NOT NULL, "
    "written REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS ids (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)",
    "CREATE TABLE IF NOT EXISTS segments (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, sealed REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS start (only INTEGER PRIMARY KEY CHECK (only = 1), position INTEGER NOT NULL)",
    f"PRAGMA user_version = {FORMAT}",
)
_FULL = ("SQLITE_FULL",)
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class Head:
    """One connection to the head. One thread at a time may use it.

    Args:
        folder: of the log.
        start: the position before the first change, for a head that is made anew.
        name: of its file.
    """

    def __init__(self, folder: Path, *, start: Position = START, name: str = HEAD) -> None:
        with clear_sqlite_errors("opening the log of changes"):
            self.connection = sqlite3.connect(
                folder / name, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(start)
            except BaseException:
                self.connection.close()
                raise

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    @contextmanager
    def transaction(self, kind: str) -> Iterator[None]:
        """Do what is inside as one: 'DEFERRED' reads one state of the head, 'IMMEDIATE' keeps other writers out."""
        self.connection.execute(f"BEGIN {kind}")
        try:
            yield
            self.connection.execute("COMMIT")
        finally:
            # A commit that failed may have ended the transaction, or left it open.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def newest(self) -> Position:
        """Return the position of the newest change."""
        (newest,) = self.connection.execute(
            "SELECT max(position, coalesce((SELECT max(position) FROM changes), 0), "
            "coalesce((SELECT max(last) FROM segments), 0)) FROM start"
        ).fetchone()
        return int(newest)

    def segment_after(self, after: Position) -> Segment | None:
        """Return the first segment with changes behind the position."""
        row = self.connection.execute(
            "SELECT first, last FROM segments WHERE last > ? ORDER BY first LIMIT 1", (after,)
        ).fetchone()
        return Segment(*row) if row else None

    def records(self, after: Position, limit: int) -> list[Record | Damage]:
        """Return changes behind the position that are in no segment yet; a record with a wrong checksum is damage."""
        rows = self.connection.execute(
            "SELECT position, checksum, data FROM changes WHERE position > ? ORDER BY position LIMIT ?", (after, limit)
        ).fetchall()
        return [
            Record(position, data) if checksum(position, data) == expected else Damage(position, position + 1)
            for position, expected, data in rows
        ]

    def recorded(self, ids: Sequence[str]) -> set[str]:
        """Return which of the event ids are known."""
        if not ids:
            return set()
        asked = write_document(ids, "ids").decode()
        return {
            row[0]
            for row in self.connection.execute(
                "SELECT id FROM ids WHERE id IN (SELECT value FROM json_each(?))", (asked,)
            )
        }

    def _prepare(self, start: Position) -> None:
        self.connection.execute("PRAGMA synchronous = FULL")
        # What is taken out of the head is overwritten: it may be of a customer who asked to be forgotten.
        self.connection.execute("PRAGMA secure_delete = ON")
        self.connection.execute("PRAGMA cache_size = -65536")
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        if version > FORMAT:
            raise StorageError(f"the log of changes has format {version}, this release writes {FORMAT}; upgrade it")
        if version == FORMAT:
            return
        self.connection.execute("PRAGMA journal_mode = WAL")
        with self.transaction("IMMEDIATE"):
            for statement in _SCHEMA:
                self.connection.execute(statement)
            self.connection.execute("INSERT OR IGNORE INTO start VALUES (1, ?)", (start,))


@contextmanager
def clear_sqlite_errors(doing: str, outcome: str = "") -> Iterator[None]:
    """Turn an error of SQLite into one that says what was being done, and how things stand now."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        kind = StorageFull if name in _FULL else ChangesDamaged if name in _DAMAGED else StorageError
        raise kind(f"{doing}: {error}{outcome and f'; {outcome}'}") from error
