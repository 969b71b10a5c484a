"""The log of changes in a folder of this host's disk, for any number of processes."""

import logging
from collections.abc import Sequence
from pathlib import Path

from shortlist_bundle.changes.change import Change
from shortlist_bundle.changes.head import HEAD, clear_sqlite_errors
from shortlist_bundle.changes.log import Appended, Position
from shortlist_bundle.changes.reading import DamagedPart, Reader
from shortlist_server.changes.committing import Entry, commit, entries_of
from shortlist_server.changes.group_commit import GroupCommit
from shortlist_server.changes.opening import open_head
from shortlist_server.changes.repairing import set_segment_aside
from shortlist_server.changes.sealing import Sealing, only_one
from shortlist_server.changes.settings import LogSettings

log = logging.getLogger(__name__)

_NOTHING = "nothing was written"


class DiskLog:
    """A `ChangeLog` in a folder. Several processes may have it open; each thread of a process may use it.

    Args:
        folder: of the log; made if absent. It has to be on a disk of this host: SQLite's WAL works on no network share.
        settings: sizes and ages.

    Raises:
        ChangesDamaged: The head is damaged while other processes use it; without them it is set aside.
        StorageError: The file system refused.
    """

    def __init__(self, folder: Path, settings: LogSettings | None = None) -> None:
        self.folder = folder
        settings = settings or LogSettings()
        self._head, self._used = open_head(folder)
        self._reader = Reader(folder)
        self._group: GroupCommit[Sequence[Entry], Appended] = GroupCommit(self._commit, largest=settings.commit_changes)
        self._sealing = Sealing(folder, settings)

    @property
    def damaged(self) -> tuple[DamagedPart, ...]:
        """What this process has found damaged so far, each part once."""
        return self._reader.damaged

    def append(self, changes: Sequence[Change]) -> Appended:
        """See `ChangeLog.append`."""
        entries = entries_of(changes)
        return self._group.commit(entries, len(entries))

    def read(self, after: Position, *, limit: int) -> Sequence[tuple[Position, Change]]:
        """See `ChangeLog.read`; a damaged segment that is met is set aside."""
        known = len(self._reader.damaged)
        found = self._reader.read(after, limit=limit)
        for part in self._reader.damaged[known:]:
            if part.file != HEAD:
                self._set_aside(part.file)
        return found

    def newest(self) -> Position:
        """See `ChangeLog.newest`."""
        return self._reader.newest()

    def close(self) -> None:
        """Let go of the folder; nobody may be using the log."""
        self._sealing.close()
        self._reader.close()
        self._head.close()
        self._used.close()

    def _commit(self, calls: Sequence[Sequence[Entry]]) -> Sequence[Appended]:
        with clear_sqlite_errors("recording changes", _NOTHING):
            return commit(self._head, calls)

    def _set_aside(self, name: str) -> None:
        try:
            with only_one(self.folder) as mine:
                if mine:
                    set_segment_aside(self.folder, name)
        except OSError as error:
            # What is whole of it has been read all the same; the next who reads it tries again.
            log.error("a damaged segment could not be set aside: %s", error.strerror or error)
