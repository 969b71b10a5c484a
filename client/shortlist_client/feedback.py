"""What customers did, to be recorded by the server, and what became of it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from shortlist_client.errors import CallError
from shortlist_client.profile import Moment, Scalar


def _new_id() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackEvent:
    """One thing that a customer did.

    Attributes:
        customer_id: Who.
        item_id: With which item.
        event: Kind of event (view, click, purchase...); empty for the log's main event.
        timestamp: When; None means the moment of its arrival at the server.
        value: Weight or quantity, at least 0.
        rating: The customer's own judgement on the scale of the log; None means that they gave none.
        order_id: Names what was taken together; empty for what was taken alone.
        context: Context of the event by column name of the log.
        impression_id: The list that they acted on, from `Recommendations.impression_id`; empty for none.
        rank: Where the item stood in that list, counted from 0; None when not known.
        event_id: Unique, 1 to 64 bytes. Made here unless given, so that sending the same object again is safe: the
            server records an id once.
    """

    customer_id: str
    item_id: str
    event: str = ""
    timestamp: Moment | None = None
    value: float = 1.0
    rating: float | None = None
    order_id: str = ""
    context: Mapping[str, Scalar] = field(default_factory=dict)
    impression_id: str = ""
    rank: int | None = None
    event_id: str = field(default_factory=_new_id)


class EventOutcome(Enum):
    """What became of one event."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    """Was recorded before; nothing changed."""
    REJECTED = "rejected"
    """Refused; `errors` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of the events of one call.

    Attributes:
        outcomes: One for each event, in their order.
        errors: Row of a refused event, counted from 0 -> why.
        position: The state after these events: a request with this `after_position` sees them.
    """

    outcomes: tuple[EventOutcome, ...]
    errors: Mapping[int, CallError] = field(default_factory=dict)
    position: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """What became of a run of events.

    Attributes:
        recorded: How many were recorded.
        duplicates: How many had been recorded before.
        rejected: How many were refused.
        errors: Row of a refused event, counted from the start of the run -> why; the first 100.
        position: The state after the run.
    """

    recorded: int = 0
    duplicates: int = 0
    rejected: int = 0
    errors: Mapping[int, CallError] = field(default_factory=dict)
    position: str = ""
