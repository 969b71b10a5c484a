"""The data report: what was read, how it was understood, and what was left out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.log.feedback import FeedbackKind


class Role(Enum):
    """What a column is for."""

    ID = "id"
    CONTRACT = "contract"
    AVAILABILITY = "availability"
    FEATURE = "feature"
    CONTEXT = "context"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReport:
    """One column as understood; shares are in [0, 1], examples are the first distinct values as text."""

    name: str
    role: Role
    kind: ColumnKind | None
    missing: float
    distinct: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """One table: its files and its columns, in the order of the file."""

    name: str
    files: tuple[str, ...]
    rows: int
    columns: tuple[ColumnReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Something left out: rows (`column` is None) or a whole column, and why."""

    table: str
    column: str | None = None
    reason: str
    rows: int
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantiles:
    """How a count is spread."""

    mean: float
    minimum: float
    p25: float
    median: float
    p75: float
    p90: float
    p99: float
    maximum: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownIds:
    """Ids of the log that a table does not describe. They are kept: having no features is normal."""

    ids: int
    interactions: int
    share: float
    """Of the interactions, in [0, 1]."""
    example: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataReport:
    """What a log holds.

    Attributes:
        interactions: Rows kept.
        customers: Distinct customers in them.
        items: Distinct items in them.
        date_range: First and last timestamp, in seconds since 1970.
        duplicates: Rows that equal an earlier one in every column; kept.
        unknown: Table -> ids that it does not describe, for the tables that are there.
        repeat_rate: Share of takings that repeat an earlier one of the same customer and item.
        density: Share of all (customer, item) pairs that occur.
        feedback: What the log holds, and `feedback_reason` why it is thought so.
        repeats: Whether people take the same thing again, and `repeats_reason` why it is thought so.
        people_to_people: Whether items are customers, and `people_reason` why it is thought so.
        events: Event name -> rows, before any were left out.
        notes: Everything else worth knowing, in plain words.
    """

    tables: tuple[TableReport, ...]
    interactions: int
    customers: int
    items: int
    date_range: tuple[float, float] | None
    duplicates: int
    unknown: Mapping[str, UnknownIds]
    repeat_rate: float
    density: float
    events_per_customer: Quantiles
    events_per_item: Quantiles
    feedback: FeedbackKind
    feedback_reason: str
    repeats: bool
    repeats_reason: str
    people_to_people: bool
    people_reason: str
    rating_scale: tuple[float, float] | None
    events: Mapping[str, int]
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...]

    def to_json(self) -> str:
        """Return the report as JSON; the date range is there in seconds and as ISO text."""
        fields = asdict(self)
        fields["dates"] = None if self.date_range is None else [iso(moment) for moment in self.date_range]
        return json.dumps(fields, default=_json_value, indent=2, ensure_ascii=False)


@dataclass(slots=True)
class Findings:
    """What reading comes across on its way: filled in the order in which things are found."""

    notes: list[str] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)


def iso(seconds: float) -> str:
    """Return the moment as ISO text in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _json_value(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no JSON form")
