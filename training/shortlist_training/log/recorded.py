"""The log of changes that a server keeps: its changes in order -> what they leave behind, as tables."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from shortlist_bundle.changes.change import (
    Change,
    CustomerDescribed,
    CustomerForgotten,
    EventRecorded,
    ItemDeleted,
    ItemUpserted,
)
from shortlist_bundle.changes.log import START, Position
from shortlist_bundle.changes.reading import Reader, read_all
from shortlist_bundle.columns import (
    AVAILABLE_FROM,
    AVAILABLE_UNTIL,
    CUSTOMER_ID,
    EVENT,
    ITEM_ID,
    ORDER_ID,
    RATING,
    TIMESTAMP,
    VALUE,
)

NEVER_AGAIN = 0.0
"""What stands in `available_until` of an item that was taken out: nothing is recommended as of 1970."""


@dataclass(slots=True, kw_only=True)
class Recorded:
    """What the changes of a log leave behind.

    Attributes:
        events: in the order of the log, each event id once; without those of customers who were forgotten later.
        items: item id -> its newest attributes and availability; None for one that was taken out.
        customers: customer id -> features that were set; None for one that was cleared.
        forgotten: customers of whom nothing before their last forgetting may be used.
        position: of the newest change.
        damaged: stretches of the log that could not be read, in words.
    """

    events: list[EventRecorded] = field(default_factory=list)
    items: dict[str, ItemUpserted | None] = field(default_factory=dict)
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    position: Position = START
    damaged: tuple[str, ...] = ()


def read_recorded(folder: Path) -> Recorded:
    """Read the changes of a log up to its newest one; whole ones are read past what is damaged.

    Raises:
        StorageError: There is no log, or it cannot be read.
    """
    with closing(Reader(folder)) as reader:
        newest = reader.newest()
        recorded = fold(change for _, change in read_all(reader, START, newest))
        recorded.position = newest
        recorded.damaged = tuple(str(part) for part in reader.damaged)
    return recorded


def fold(changes: Iterable[Change]) -> Recorded:
    """Return what changes leave behind, the oldest first."""
    recorded = Recorded()
    last_forgotten: dict[str, int] = {}
    ids: set[str] = set()
    kept: list[tuple[int, EventRecorded]] = []
    for number, change in enumerate(changes):
        match change:
            case EventRecorded():
                if change.event_id not in ids:
                    ids.add(change.event_id)
                    kept.append((number, change))
            case ItemUpserted():
                recorded.items[change.item_id] = change
            case ItemDeleted():
                recorded.items[change.item_id] = None
            case CustomerDescribed():
                recorded.customers.setdefault(change.customer_id, {}).update(change.features)
            case CustomerForgotten():
                last_forgotten[change.customer_id] = number
                recorded.customers.pop(change.customer_id, None)
    recorded.forgotten = set(last_forgotten)
    recorded.events = [event for number, event in kept if number > last_forgotten.get(event.customer_id, -1)]
    return recorded


def interactions_of(recorded: Recorded) -> pl.DataFrame:
    """Return the events as the table `interactions`, with their context; rows in the order of the log."""
    events = recorded.events
    columns = [
        pl.Series(CUSTOMER_ID, [event.customer_id for event in events], dtype=pl.String),
        pl.Series(ITEM_ID, [event.item_id for event in events], dtype=pl.String),
        pl.Series(TIMESTAMP, [event.timestamp for event in events], dtype=pl.Float64),
        pl.Series(VALUE, [event.value for event in events], dtype=pl.Float64),
        pl.Series(RATING, [event.rating for event in events], dtype=pl.Float64),
        pl.Series(EVENT, [event.event or None for event in events], dtype=pl.String),
        pl.Series(ORDER_ID, [event.order_id or None for event in events], dtype=pl.String),
    ]
    return pl.DataFrame([*columns, *_free_columns([event.context for event in events], [one.name for one in columns])])


def items_of(recorded: Recorded) -> pl.DataFrame | None:
    """Return the items that were changed as the table `items`; None without any."""
    if not recorded.items:
        return None
    found = list(recorded.items.values())
    columns = [
        pl.Series(ITEM_ID, list(recorded.items), dtype=pl.String),
        pl.Series(AVAILABLE_FROM, [one.available_from if one else None for one in found], dtype=pl.Float64),
        pl.Series(AVAILABLE_UNTIL, [one.available_until if one else NEVER_AGAIN for one in found], dtype=pl.Float64),
    ]
    attributes = [one.attributes if one else {} for one in found]
    return pl.DataFrame([*columns, *_free_columns(attributes, [one.name for one in columns])])


def customers_of(recorded: Recorded) -> pl.DataFrame | None:
    """Return the customers who were described as the table `customers`; None without any."""
    if not recorded.customers:
        return None
    ids = pl.Series(CUSTOMER_ID, list(recorded.customers), dtype=pl.String)
    return pl.DataFrame([ids, *_free_columns(list(recorded.customers.values()), [CUSTOMER_ID])])


def _free_columns(rows: list[Any], taken: list[str]) -> list[pl.Series]:
    names = sorted({name for row in rows for name in row} - set(taken))
    return [_column(name, [row.get(name) for row in rows]) for name in names]


def _column(name: str, values: list[Any]) -> pl.Series:
    """Return values of one type as that type, and values of several as text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {tuple}:
        return pl.Series(name, [None if one is None else list(one) for one in values], dtype=pl.List(pl.String))
    if kinds <= {int, float}:
        return pl.Series(name, values, dtype=pl.Float64 if float in kinds else pl.Int64, strict=False)
    if len(kinds) == 1:
        return pl.Series(name, values)
    return pl.Series(name, [None if one is None else str(one) for one in values], dtype=pl.String)
