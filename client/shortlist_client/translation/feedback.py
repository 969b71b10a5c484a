"""Events to be recorded into protobuf, and what became of them into the client's types."""

from collections.abc import Iterable, Iterator
from itertools import islice

from shortlist.v1 import feedback_service_pb2 as pb
from shortlist_client.errors import ServerError
from shortlist_client.feedback import EventOutcome, FeedbackEvent, Recorded, RecordedRun
from shortlist_client.options import CallOptions
from shortlist_client.translation.problems import from_status
from shortlist_client.translation.values import bad_field, seconds, values

RUN_PATH = "/shortlist.v1.FeedbackService/RecordEventStream"
PORTION = 500
"""Events of one message of a run."""
PORTIONS = 20
"""Messages of one stream: few enough for gRPC to keep and send again when a server goes away."""
_MOST_ERRORS = 100
_OUTCOMES = {
    pb.EVENT_OUTCOME_RECORDED: EventOutcome.RECORDED,
    pb.EVENT_OUTCOME_DUPLICATE: EventOutcome.DUPLICATE,
    pb.EVENT_OUTCOME_REJECTED: EventOutcome.REJECTED,
}


def event_messages(events: FeedbackEvent | Iterable[FeedbackEvent]) -> list[pb.Event]:
    """Return the messages of one event or several.

    Raises:
        BadRequest: Something cannot even be sent.
    """
    given = [events] if isinstance(events, FeedbackEvent) else events
    return [_event(event, f"events[{row}]") for row, event in enumerate(given)]


def run_messages(events: Iterable[FeedbackEvent], options: CallOptions) -> Iterator[tuple[list[bytes], int]]:
    """Yield the messages of each stream of a run, and how many events they hold.

    Raises:
        BadRequest: Something cannot even be sent.
    """
    for run in _batched(events, PORTION * PORTIONS):
        portions = [
            pb.RecordEventStreamRequest(
                events=_sendable_events(portion), model=options.model, placement=options.placement
            ).SerializeToString()
            for portion in _batched(run, PORTION)
        ]
        yield portions, len(run)


def recorded(reply: pb.RecordEventsResponse) -> Recorded:
    """Return what became of the events of one call."""
    return Recorded(
        outcomes=tuple(_outcome(one) for one in reply.outcomes),
        errors={error.row: from_status(error.status) for error in reply.errors},
        position=reply.position,
    )


def joined_run(before: RecordedRun, sent: int, payload: bytes) -> RecordedRun:
    """Return what became of a run when another stream of it has been answered.

    Args:
        before: what became of the streams before.
        sent: events of those streams.
        payload: the answer to this one.

    Raises:
        ServerError: The answer is no message.
    """
    try:
        reply = pb.RecordEventStreamResponse.FromString(payload)
    except ValueError as problem:
        raise ServerError("the answer to RecordEventStream is not a message") from problem
    errors = [(sent + error.row, from_status(error.status)) for error in reply.errors]
    return RecordedRun(
        recorded=before.recorded + reply.recorded_count,
        duplicates=before.duplicates + reply.duplicate_count,
        rejected=before.rejected + reply.rejected_count,
        errors={**before.errors, **dict(errors[: _MOST_ERRORS - len(before.errors)])},
        position=reply.position,
    )


def _event(event: FeedbackEvent, field: str) -> pb.Event:
    if not isinstance(event, FeedbackEvent):
        raise bad_field(field, f"takes a FeedbackEvent, not {type(event).__name__}")
    return pb.Event(
        event_id=event.event_id,
        customer_id=event.customer_id,
        item_id=event.item_id,
        event=event.event,
        timestamp=None if event.timestamp is None else seconds(event.timestamp, f"{field}.timestamp"),
        value=event.value if event.value != 1.0 else None,
        rating=event.rating,
        order_id=event.order_id,
        context=values(event.context, f"{field}.context"),
        impression_id=event.impression_id,
        rank=event.rank,
    )


def _outcome(outcome: pb.EventOutcome.ValueType) -> EventOutcome:
    if outcome not in _OUTCOMES:
        raise ServerError(f"the server answered with an outcome that this client does not know: {outcome}")
    return _OUTCOMES[outcome]


def _sendable_events(events: list[FeedbackEvent]) -> list[pb.Event]:
    try:
        return event_messages(events)
    except ValueError as problem:
        # Protobuf's complaint about a number out of range or ill-formed text.
        raise bad_field("events", str(problem)) from problem


def _batched(events: Iterable[FeedbackEvent], size: int) -> Iterator[list[FeedbackEvent]]:
    left = iter(events)
    while batch := list(islice(left, size)):
        yield batch
