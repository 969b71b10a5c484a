"""The log of changes as its users see it: append, read what came after a position, ask for the newest one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from shortlist_bundle.changes.change import Change

Position: TypeAlias = int
"""A change's place in the order of all changes of a log: at least 1, growing, with gaps."""
START: Position = 0
"""Before the first change."""


class Outcome(Enum):
    """What became of one change."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    """An event with this id is in the log already; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """What became of the changes of one call.

    Attributes:
        position: at or after every one of them, duplicates included: who has read to it has seen them all.
        outcomes: one for each change, in their order.
    """

    position: Position
    outcomes: tuple[Outcome, ...]


class ChangeLog(Protocol):
    """One order of changes for all processes of a host. Safe to use from several threads at once."""

    def append(self, changes: Sequence[Change]) -> Appended:
        """Write the changes in their order, all of them or none; they are on the disk when this returns.

        Raises:
            StorageFull: There is no room; nothing was written.
            StorageError: The file system refused, or the log is busy for too long; nothing was written.
        """

    def read(self, after: Position, *, limit: int) -> Sequence[tuple[Position, Change]]:
        """Return the first `limit` changes behind a position, in order, whichever process wrote them.

        Raises:
            StorageError: The file system refused.
        """

    def newest(self) -> Position:
        """Return the position of the newest change, `START` for an empty log.

        Raises:
            StorageError: The file system refused.
        """
