"""Events that are to be recorded: protobuf in, changes out; and what became of them."""

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Protocol

from shortlist.v1 import feedback_service_pb2 as pb
from shortlist.v1 import reply_pb2
from shortlist_bundle.changes.change import EventRecorded
from shortlist_bundle.changes.log import Outcome
from shortlist_server.errors import InvalidRequest
from shortlist_server.limits import LIMITS, Limits
from shortlist_server.wire.inspection import Inspection
from shortlist_server.wire.status import write_status
from shortlist_server.wire.values import fits, read_context, read_moment, read_name, read_optional_name, within

_OUTCOMES = {Outcome.RECORDED: pb.EVENT_OUTCOME_RECORDED, Outcome.DUPLICATE: pb.EVENT_OUTCOME_DUPLICATE}
REJECTED = pb.EVENT_OUTCOME_REJECTED


class Portion(Protocol):
    """A message with events: a request of its own, or one of a run."""

    @property
    def events(self) -> Sequence[pb.Event]:
        """The events."""


def read_events(
    message: Portion, placement: str, limits: Limits = LIMITS, *, now: float
) -> list[EventRecorded | InvalidRequest]:
    """Read the events of a message; a row that cannot be meant holds its error, with paths from the event on.

    Args:
        message: with the events.
        placement: where they happened; empty when not said.
        limits: of one message.
        now: epoch seconds, the moment of arrival.

    Raises:
        InvalidRequest: There are none, or too many.
    """
    inspection = Inspection(limits)
    within(inspection, len(message.events), "events", limits.events, least=1)
    inspection.finish()
    return [_read_event(event, placement, limits, now) for event in message.events]


def write_outcome(outcome: Outcome) -> pb.EventOutcome.ValueType:
    """Write what became of an event that could be meant."""
    return _OUTCOMES[outcome]


def write_row_errors(errors: Iterable[tuple[int, InvalidRequest]]) -> list[reply_pb2.RowError]:
    """Write which rows were refused, and why."""
    return [reply_pb2.RowError(row=row, status=write_status(error)) for row, error in errors]


def _read_event(event: pb.Event, placement: str, limits: Limits, now: float) -> EventRecorded | InvalidRequest:
    inspection = Inspection(limits)
    if not event.event_id or not fits(event.event_id, limits.event_id_bytes):
        inspection.refuse(
            "event_id", f"has {len(event.event_id.encode())} bytes; 1 to {limits.event_id_bytes} are needed"
        )
    if event.HasField("value") and not (isfinite(event.value) and event.value >= 0.0):
        inspection.refuse("value", f"{event.value} is not a finite number of at least 0")
    if event.HasField("rating") and not isfinite(event.rating):
        inspection.refuse("rating", f"{event.rating} is not a finite number")
    change = EventRecorded(
        event_id=event.event_id,
        customer_id=read_name(inspection, event.customer_id, "customer_id"),
        item_id=read_name(inspection, event.item_id, "item_id"),
        event=read_optional_name(inspection, event.event, "event"),
        timestamp=read_moment(inspection, event.timestamp, "timestamp") if event.HasField("timestamp") else now,
        value=event.value if event.HasField("value") else 1.0,
        rating=event.rating if event.HasField("rating") else None,
        order_id=read_optional_name(inspection, event.order_id, "order_id"),
        context=read_context(inspection, event.context, "context") if event.context else {},
        impression_id=read_optional_name(inspection, event.impression_id, "impression_id"),
        rank=event.rank if event.HasField("rank") else None,
        placement=placement,
    )
    return inspection.error() or change
