"""Several callers' changes -> one transaction of the head."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from shortlist_bundle.changes.change import Change, EventRecorded
from shortlist_bundle.changes.encoding import write_change
from shortlist_bundle.changes.head import Head
from shortlist_bundle.changes.log import Appended, Outcome, Position
from shortlist_bundle.changes.records import checksum

_NO_ID = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A change on its way: its event id, empty for what has none, and its bytes."""

    event_id: str
    data: bytes


def entries_of(changes: Sequence[Change]) -> tuple[Entry, ...]:
    """Return the changes as they are written; done by each caller before it waits for its turn.

    Raises:
        DocumentError: A change holds what cannot be kept.
    """
    return tuple(
        Entry(change.event_id if isinstance(change, EventRecorded) else _NO_ID, write_change(change))
        for change in changes
    )


def commit(head: Head, calls: Sequence[Sequence[Entry]]) -> list[Appended]:
    """Write the entries of all calls; they are on the disk when this returns.

    Raises:
        sqlite3.Error: SQLite refused; nothing was written.
    """
    with head.transaction("IMMEDIATE"):
        now = time.time()
        known = head.recorded([entry.event_id for call in calls for entry in call if entry.event_id != _NO_ID])
        position = head.newest()
        rows: list[tuple[Position, int, bytes, float]] = []
        ids: list[tuple[Position, str]] = []
        outcomes: list[list[Outcome]] = []
        for call in calls:
            outcomes.append([])
            for entry in call:
                if entry.event_id != _NO_ID:
                    if entry.event_id in known:
                        outcomes[-1].append(Outcome.DUPLICATE)
                        continue
                    known.add(entry.event_id)
                    ids.append((position + 1, entry.event_id))
                position += 1
                rows.append((position, checksum(position, entry.data), entry.data, now))
                outcomes[-1].append(Outcome.RECORDED)
        head.connection.executemany("INSERT INTO changes VALUES (?, ?, ?, ?)", rows)
        head.connection.executemany("INSERT INTO ids VALUES (?, ?)", ids)
    return [Appended(position=position, outcomes=tuple(call)) for call in outcomes]
