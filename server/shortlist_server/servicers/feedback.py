"""FeedbackService.RecordEvents: events that could be meant go to the log, the others back to their caller."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from shortlist.v1 import feedback_service_pb2 as pb
from shortlist_bundle.changes.change import EventRecorded
from shortlist_bundle.changes.log import ChangeLog, Outcome
from shortlist_server.changes.appending import append
from shortlist_server.errors import FeatureOff, InvalidRequest
from shortlist_server.limits import LIMITS, Limits
from shortlist_server.loaded import Loaded
from shortlist_server.servicers.handlers import Behaviour
from shortlist_server.wire.feedback import (
    REJECTED,
    Portion,
    read_events,
    write_outcome,
    write_row_errors,
)
from shortlist_server.wire.positions import write_position
from shortlist_server.wire.settings import check_placement

SERVICE = pb.DESCRIPTOR.services_by_name["FeedbackService"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of the events of one message.

    Attributes:
        outcomes: one for each event; None for one that was refused.
        errors: row and reason of those.
        position: who has read the log to it has seen them all.
    """

    outcomes: Sequence[Outcome | None]
    errors: Sequence[tuple[int, InvalidRequest]] = field(default=())
    position: int


class Recorder:
    """Reads events, and appends them to the log.

    Args:
        loaded: whose model and placements requests may name.
        changes: the log; None where it is switched off.
        limits: of one message.
        clock: the moment of arrival, epoch seconds.
    """

    def __init__(
        self,
        loaded: Loaded,
        changes: ChangeLog | None,
        limits: Limits = LIMITS,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._loaded = loaded
        self._changes = changes
        self._limits = limits
        self._clock = clock

    def check(self, model: str, placement: str) -> None:
        """Check what a call is addressed to.

        Raises:
            UnknownModel, UnknownPlacement: There is no such model or policy here.
            NotReady: There is no bundle yet.
        """
        check_placement(placement, self._loaded.of_model(model).placements)

    def changes(self, method: str) -> ChangeLog:
        """Return the log.

        Raises:
            FeatureOff: The server keeps none.
        """
        if self._changes is None:
            raise FeatureOff(method, "is switched off on this server; start it with --log")
        return self._changes

    def record(self, changes: ChangeLog, message: Portion, placement: str) -> Recorded:
        """Record the events of a message; what can be meant is on the disk when this returns.

        Raises:
            InvalidRequest: There are no events, or too many.
            LogFull, LogUnavailable: Nothing of the message was recorded.
        """
        rows = read_events(message, placement, self._limits, now=self._clock())
        appended = append(changes, [row for row in rows if isinstance(row, EventRecorded)])
        outcomes = iter(appended.outcomes)
        return Recorded(
            outcomes=[next(outcomes) if isinstance(row, EventRecorded) else None for row in rows],
            errors=[(number, row) for number, row in enumerate(rows) if isinstance(row, InvalidRequest)],
            position=appended.position,
        )


class FeedbackServicer:
    """Records events, a request at a time."""

    def __init__(self, recorder: Recorder) -> None:
        """Record with `recorder`."""
        self._recorder = recorder

    def behaviours(self) -> Mapping[str, Behaviour]:
        """Return what each unary method does."""
        return {"RecordEvents": self.record_events}

    def record_events(self, message: pb.RecordEventsRequest) -> pb.RecordEventsResponse:
        """Record the events of one request."""
        changes = self._recorder.changes("RecordEvents")
        self._recorder.check(message.model, message.placement)
        recorded = self._recorder.record(changes, message, message.placement)
        return pb.RecordEventsResponse(
            outcomes=[REJECTED if one is None else write_outcome(one) for one in recorded.outcomes],
            errors=write_row_errors(recorded.errors),
            position=write_position(recorded.position),
        )
