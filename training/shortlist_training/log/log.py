"""The log: interactions, and what is known of customers and items, clean and understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from shortlist_bundle.changes.log import START, Position
from shortlist_bundle.columns import AVAILABILITY_COLUMNS
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.state.event_weights import EventWeights
from shortlist_training.log.feedback import FeedbackKind
from shortlist_training.log.report import DataReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What `read_log` returns. Rows are in the order of the files; whoever needs the order of time sorts, stably.

    Attributes:
        interactions: `customer_id` and `item_id` as String; `timestamp` (Float64, seconds since 1970 in UTC) if the
            log has times; `value` (Float32, above 0); `rating` (Float32, may be null), `event` and `order_id` (String)
            if the log has them; then the columns of context.
        customers: `customer_id` and features, one row each; None without that table.
        items: `item_id`, availability in seconds (null is open-ended) if given, and features; None without that table.
        columns: Table -> feature column -> kind, for every table of the contract. Column types by kind: NUMBER and
            TIME (seconds) Float64, FLAG Boolean, CATEGORY and TEXT String, CATEGORIES List(String); null is missing.
        feedback: What the log holds.
        repeats: Whether people take the same thing again.
        rating_scale: Lowest and highest rating, None without ratings.
        report: The data report.
        people_to_people: Whether items are customers.
        position: Up to which position a server's log of changes is in it; `START` for none of it.
        event_weights: What each kind of event counts, as it was understood.
    """

    interactions: pl.DataFrame
    customers: pl.DataFrame | None
    items: pl.DataFrame | None
    columns: Mapping[str, Mapping[str, ColumnKind]]
    feedback: FeedbackKind
    repeats: bool
    rating_scale: tuple[float, float] | None
    report: DataReport
    people_to_people: bool = False
    position: Position = START
    event_weights: EventWeights = field(default_factory=EventWeights)

    @property
    def availability(self) -> tuple[str, ...]:
        """Name the columns of `items` that say when an item can be had; they are no features."""
        there = () if self.items is None else tuple(self.items.columns)
        return tuple(name for name in AVAILABILITY_COLUMNS if name in there)
