"""RecommenderService.StreamRecommend: a session, each message in its turn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import grpc

from shortlist.v1 import recommend_pb2, recommender_service_pb2
from shortlist_server.audience import Listener
from shortlist_server.deserialise import deserialiser
from shortlist_server.errors import RetryLater
from shortlist_server.gathering import Gathering
from shortlist_server.interceptors.admission import Admission
from shortlist_server.interceptors.deadlines import refuse_short_deadlines
from shortlist_server.interceptors.errors import answer_errors, end_waiting_call
from shortlist_server.interceptors.request_ids import request_id
from shortlist_server.limits import LIMITS, Limits
from shortlist_server.loaded import Loaded
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.servicers.calls import SharedStream
from shortlist_server.servicers.handlers import Handlers
from shortlist_server.sessions.places import Places
from shortlist_server.sessions.session import Session
from shortlist_server.wire.replies import write_bundle, write_recommendations
from shortlist_server.wire.requests import read_recommend
from shortlist_server.wire.sessions import OPEN, REQUEST, fields_of, read_event, read_kind, read_session_request
from shortlist_server.wire.settings import check_placement

Send = Callable[[bytes | None], None]
METHOD = recommender_service_pb2.DESCRIPTOR.services_by_name["RecommenderService"].methods_by_name["StreamRecommend"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A list that a message asks for, from the bundle that was loaded when it came."""

    request: RecommendRequest
    settings: recommend_pb2.RecommendRequest
    whose: str
    """Which message the settings are of: 'open' or 'request'."""
    pipeline: PipelineProtocol


class SessionServicer:
    """Follows sessions. Each holds a place, and thus a thread; each of its messages is admitted like any request.

    Args:
        loaded: the pipeline that answers; a message is answered by the one that is loaded when it comes.
        gathering: where its requests meet those of other calls, to be computed as one batch.
        admission: counts the messages that want a list.
        places: bounds the sessions.
        limits: of one message, and of the events that count.
        audience: is told of the lists that are shown; None for nobody.
    """

    def __init__(
        self, loaded: Loaded, *, gathering: Gathering, admission: Admission, places: Places, limits: Limits = LIMITS,
        audience: Listener | None = None,
    ) -> None:  # fmt: skip
        self._audience = audience
        self._loaded = loaded
        self._gathering = gathering
        self._places = places
        self._limits = limits
        self._shared = SharedStream(loaded, gathering=gathering, admission=admission, limits=limits, audience=audience)
        self._list = refuse_short_deadlines(admission.guard(self._write_list), limits.shortest_deadline)
        self._parse = deserialiser(recommend_pb2.StreamRecommendRequest)

    def handlers(self) -> Handlers:
        """Return the handler of the method."""
        answer = answer_errors(self.follow, METHOD.full_name)
        # gRPC then passes a function to send with, through which a session can be ended while its handler waits for
        # the next message.
        answer.experimental_non_blocking = True  # type: ignore[attr-defined]
        return {METHOD.name: grpc.stream_stream_rpc_method_handler(answer)}

    def follow(self, stream: Iterator[bytes], context: grpc.ServicerContext, send: Send) -> None:
        """Answer the messages of one session, or of calls that share the stream, until somebody ends it."""

        def end(error: RetryLater) -> None:
            end_waiting_call(context, error, METHOD.full_name)
            send(None)

        place = self._places.enter(end, context.cancel)
        try:
            turns: _Turns | None = None
            for number, raw in enumerate(place.messages(stream)):
                message = self._parse(raw)
                if turns is None and (number or message.HasField("calls")):
                    for answers in self._shared.answer(message, context):
                        send(answers)
                    continue
                turns = turns or _Turns(self._loaded, self._limits, request_id(context))
                answer = self._answered(turns.take(message), context)
                if answer is not None:
                    send(answer)
        except Exception:
            if place.leave():
                raise
        else:
            if place.leave():
                send(None)

    def _answered(self, wanted: _Wanted | None, context: grpc.ServicerContext) -> bytes | None:
        # Nothing of a message outlives its answer: an idle session would else keep a replaced bundle in memory.
        if wanted is None:
            return None
        with fields_of(wanted.whose):
            wanted.pipeline.reach(wanted.request.after, context.time_remaining())
        return self._list(wanted, context)

    def _write_list(self, wanted: _Wanted, _context: grpc.ServicerContext) -> bytes:
        with fields_of(wanted.whose):
            answer = self._gathering.recommend(wanted.pipeline, wanted.request)
        bundle = write_bundle(wanted.pipeline)
        found = write_recommendations(answer, bundle, include_timings=wanted.settings.include_timings)
        if self._audience is not None:
            self._audience.offer(found.impression_id, wanted.request, answer, wanted.pipeline)
        return recommend_pb2.StreamRecommendResponse(list=found).SerializeToString()


class _Turns:
    """The messages of one session in their order; `key` stands for a customer who has no id."""

    def __init__(self, loaded: Loaded, limits: Limits, key: str) -> None:
        self._loaded = loaded
        self._limits = limits
        self._opening = recommend_pb2.RecommendRequest()
        self._key = key
        self._session: Session | None = None

    def take(self, message: recommend_pb2.StreamRecommendRequest) -> _Wanted | None:
        """Let the session follow the message; return the list that it wants, None for none."""
        kind = read_kind(message, opened=self._session is not None)
        settings = message.request if kind == REQUEST else message.open if kind == OPEN else self._opening
        with fields_of(kind):
            opening = message.open if kind == OPEN else self._opening
            pipeline = self._loaded.of_model(opening.model, opening.customer_id or self._key)
            check_placement(settings.placement, pipeline.placements)
            own = read_session_request(settings, self._limits) if kind == REQUEST else None
            session = self._followed(message, pipeline.now())
        if message.quiet:
            return None
        whose = REQUEST if kind == REQUEST else OPEN
        return _Wanted(request=session.asked(own), settings=settings, whose=whose, pipeline=pipeline)

    def _followed(self, message: recommend_pb2.StreamRecommendRequest, now: float) -> Session:
        """Return the session after the message."""
        if self._session is None:
            opened = read_recommend(message.open, self._limits)
            self._opening, self._session = message.open, Session(opened, now=now, events=self._limits.session_events)
        elif message.HasField("event"):
            self._session.follow(read_event(message.event, self._limits), now=now)
        return self._session
