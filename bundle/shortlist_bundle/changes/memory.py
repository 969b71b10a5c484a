"""A log of changes that lives in memory: for tests, and for a server that keeps nothing."""

import threading
from collections.abc import Sequence

from shortlist_bundle.changes.change import Change, EventRecorded
from shortlist_bundle.changes.log import START, Appended, Outcome, Position


class MemoryLog:
    """A `ChangeLog` of one process that forgets everything with it."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._changes: list[Change] = []
        self._ids: set[str] = set()

    def append(self, changes: Sequence[Change]) -> Appended:
        """See `ChangeLog.append`."""
        with self._lock:
            outcomes = tuple(self._record(change) for change in changes)
            return Appended(position=START + len(self._changes), outcomes=outcomes)

    def read(self, after: Position, *, limit: int) -> Sequence[tuple[Position, Change]]:
        """See `ChangeLog.read`."""
        with self._lock:
            found = self._changes[after - START : after - START + limit]
        return tuple(enumerate(found, start=after + 1))

    def newest(self) -> Position:
        """See `ChangeLog.newest`."""
        return START + len(self._changes)

    def _record(self, change: Change) -> Outcome:
        if isinstance(change, EventRecorded):
            if change.event_id in self._ids:
                return Outcome.DUPLICATE
            self._ids.add(change.event_id)
        self._changes.append(change)
        return Outcome.RECORDED
