"""FeedbackService.RecordEventStream: a run of events, message by message, and one answer at its end."""

from collections.abc import Callable, Iterator

import grpc

from shortlist.v1 import feedback_service_pb2 as pb
from shortlist_bundle.changes.log import ChangeLog, Outcome
from shortlist_server.deserialise import deserialiser
from shortlist_server.errors import InvalidRequest, RetryLater
from shortlist_server.interceptors.admission import Admission
from shortlist_server.interceptors.errors import answer_errors, end_waiting_call
from shortlist_server.servicers.feedback import SERVICE, Recorded, Recorder
from shortlist_server.servicers.handlers import Handlers
from shortlist_server.sessions.places import Places
from shortlist_server.wire.feedback import write_row_errors
from shortlist_server.wire.positions import write_position

Send = Callable[[bytes | None], None]
METHOD = SERVICE.methods_by_name["RecordEventStream"]
_MOST_ERRORS = 100


class EventStreamServicer:
    """Follows runs of events. Each holds a thread and one of the places of sessions, and ends as they do.

    Args:
        recorder: records the events of each message.
        admission: counts the messages.
        places: bounds the runs that are open.
    """

    def __init__(self, recorder: Recorder, *, admission: Admission, places: Places) -> None:
        self._recorder = recorder
        self._places = places
        self._record = admission.guard(self._recorded)
        self._parse = deserialiser(pb.RecordEventStreamRequest)

    def handlers(self) -> Handlers:
        """Return the handler of the method.

        On the wire a stream with one answer is a stream of answers that has one: served as such, it can be ended from
        another thread while its handler waits for the next message.
        """
        answer = answer_errors(self.follow, METHOD.full_name)
        answer.experimental_non_blocking = True  # type: ignore[attr-defined]
        return {METHOD.name: grpc.stream_stream_rpc_method_handler(answer)}

    def follow(self, stream: Iterator[bytes], context: grpc.ServicerContext, send: Send) -> None:
        """Record the messages of one run, and answer at its end."""

        def end(error: RetryLater) -> None:
            end_waiting_call(context, error, METHOD.full_name)
            send(None)

        changes = self._recorder.changes(METHOD.name)
        place = self._places.enter(end, context.cancel, method=METHOD.name)
        try:
            run = _Run(self._recorder, changes)
            for raw in place.messages(stream):
                self._record((run, self._parse(raw)), context)
            answer = run.answer()
        except Exception:
            if place.leave():
                raise
        else:
            if place.leave():
                send(answer.SerializeToString())
                send(None)

    def _recorded(self, work: "tuple[_Run, pb.RecordEventStreamRequest]", _context: grpc.ServicerContext) -> None:
        run, message = work
        run.take(message)


class _Run:
    """What became of the messages of one run so far."""

    def __init__(self, recorder: Recorder, changes: ChangeLog) -> None:
        self._recorder = recorder
        self._changes = changes
        self._first: pb.RecordEventStreamRequest | None = None
        self._rows = 0
        self._counts = dict[Outcome | None, int]()
        self._errors: list[tuple[int, InvalidRequest]] = []
        self._position = 0

    def take(self, message: pb.RecordEventStreamRequest) -> None:
        """Record the events of a message; the first one says which model and placement they are meant for."""
        if self._first is None:
            self._recorder.check(message.model, message.placement)
            self._first = message
        recorded = self._recorder.record(self._changes, message, self._first.placement)
        self._add(recorded)

    def answer(self) -> pb.RecordEventStreamResponse:
        """Return what became of the run.

        Raises:
            InvalidRequest: It had no message.
        """
        if self._first is None:
            raise InvalidRequest.at("events", "has 0 entries: the run has no message")
        return pb.RecordEventStreamResponse(
            recorded_count=self._counts.get(Outcome.RECORDED, 0),
            duplicate_count=self._counts.get(Outcome.DUPLICATE, 0),
            rejected_count=self._counts.get(None, 0),
            errors=write_row_errors(self._errors),
            position=write_position(self._position),
        )

    def _add(self, recorded: Recorded) -> None:
        for outcome in recorded.outcomes:
            self._counts[outcome] = self._counts.get(outcome, 0) + 1
        room = _MOST_ERRORS - len(self._errors)
        self._errors += [(self._rows + row, error) for row, error in recorded.errors[:room]]
        self._rows += len(recorded.outcomes)
        self._position = recorded.position
