"""Customers who asked to be forgotten leave the segments too, when the request to forget them is sealed itself.

What stays is that request, with their id: training needs it to leave them out of the log that came before.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from shortlist_bundle.changes.change import CustomerDescribed, CustomerForgotten, EventRecorded, ListShown
from shortlist_bundle.changes.encoding import read_change, write_change
from shortlist_bundle.changes.log import Position
from shortlist_bundle.changes.records import Record
from shortlist_bundle.changes.segments import read_segment, segment_names, write_segment

_MARK = b'"customer_forgotten"'
"""Stands in every such change: most records need not be parsed."""


def forgotten_in(records: Sequence[Record]) -> dict[str, Position]:
    """Return each customer who is forgotten in the records, with the position of the last such change."""
    found = {}
    for record in records:
        if _MARK in record.data and isinstance(change := read_change(record.data), CustomerForgotten):
            found[change.customer_id] = record.position
    return found


def without(records: Sequence[Record], forgotten: Mapping[str, Position]) -> list[Record]:
    """Return the records but for what is said of forgotten customers before they were."""
    if not forgotten:
        return list(records)
    # As it stands in the record, quotes and escapes included.
    spelled = [write_change(CustomerForgotten(customer_id=one)).split(b'"customer_id":')[1][:-1] for one in forgotten]
    return [
        record for record in records if not (any(one in record.data for one in spelled) and _is_of(record, forgotten))
    ]


def forget_in_segments(folder: Path, forgotten: Mapping[str, Position]) -> int:
    """Rewrite the segments that speak of forgotten customers; return how many there were.

    Raises:
        OSError: The file system refused; segments are old or new, never half of one.
    """
    rewritten = 0
    for name in segment_names(folder) if forgotten else ():
        parts = list(read_segment(folder, name))
        records = [part for part in parts if isinstance(part, Record)]
        kept = without(records, forgotten)
        if len(kept) < len(records):
            write_segment(folder, name, kept)
            rewritten += 1
    return rewritten


def _is_of(record: Record, forgotten: Mapping[str, Position]) -> bool:
    change = read_change(record.data)
    if not isinstance(change, EventRecorded | CustomerDescribed | ListShown):
        return False
    return record.position < forgotten.get(change.customer_id, 0)
