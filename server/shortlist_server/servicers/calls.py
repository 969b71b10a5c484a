"""RecommenderService.StreamRecommend: calls that share a stream, computed together, each answered for itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import grpc

from shortlist.v1 import recommend_pb2
from shortlist_server.audience import Listener
from shortlist_server.errors import DeadlineTooShort, InvalidRequest, ServerError
from shortlist_server.gathering import Gathering
from shortlist_server.interceptors.admission import Admission
from shortlist_server.interceptors.errors import as_told
from shortlist_server.interceptors.request_ids import request_id
from shortlist_server.limits import LIMITS, Limits
from shortlist_server.loaded import Arms, Loaded
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.wire.replies import write_bundle, write_recommendations
from shortlist_server.wire.requests import read_recommend
from shortlist_server.wire.settings import check_placement
from shortlist_server.wire.status import write_status

METHOD = "shortlist.v1.RecommenderService.StreamRecommend"
ANSWER_BYTES = 1024 * 1024
"""Answers are sent in messages of about so many bytes at most: clients accept four times as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A call that can be computed."""

    number: int
    request: RecommendRequest
    pipeline: PipelineProtocol
    include_timings: bool


class SharedStream:
    """Answers the calls of one stream, message by message.

    While one message is computed the next ones gather at the caller, who sends them as one; nothing waits on purpose.

    Args:
        loaded: the pipeline that answers; a message is answered by the one that is loaded when it comes.
        gathering: where the calls meet those of other streams and callers.
        admission: counts a message as one request.
        limits: of one call.
        audience: is told of the lists that are shown; None for nobody.
    """

    def __init__(self, loaded: Loaded, *, gathering: Gathering, admission: Admission, limits: Limits = LIMITS,
        audience: Listener | None = None,
    ) -> None:  # fmt: skip
        self._audience = audience
        self._loaded = loaded
        self._gathering = gathering
        self._limits = limits
        self._compute = admission.guard(self._answers)

    def answer(self, message: recommend_pb2.StreamRecommendRequest, context: grpc.ServicerContext) -> Iterator[bytes]:
        """Yield messages with an answer to each call of one message.

        Raises:
            InvalidRequest: The message carries no calls, or too many, or calls of the same number.
        """
        calls, arms = self._read(message), self._loaded.now
        answers, asked = list[recommend_pb2.StreamedAnswer](), list[_Asked]()
        for call in calls:
            try:
                asked.append(self._readable(call, arms, context))
            except Exception as error:
                answers.append(_refused(call.id, error, context))
        if asked:
            try:
                answers += self._compute(asked, context)
            except ServerError as error:
                answers += [_refused(one.number, error, context) for one in asked]
        return _messages(answers)

    def _read(self, message: recommend_pb2.StreamRecommendRequest) -> Sequence[recommend_pb2.StreamedCall]:
        if message.WhichOneof("message") != "calls":
            raise InvalidRequest.at("message", "is no `calls`, as all others of this stream are")
        calls = message.calls.calls
        if not 1 <= len(calls) <= self._limits.streamed_calls:
            most = self._limits.streamed_calls
            raise InvalidRequest.at("calls.calls", f"has {len(calls)} calls; 1 to {most} are allowed")
        if len({call.id for call in calls}) < len(calls):
            raise InvalidRequest.at("calls.calls", "has two calls of one number")
        return calls

    def _readable(self, call: recommend_pb2.StreamedCall, arms: Arms | None, context: grpc.ServicerContext) -> _Asked:
        # Written so that a timeout that is no number is too short as well.
        if call.HasField("timeout") and not call.timeout >= self._limits.shortest_deadline:
            raise DeadlineTooShort(call.timeout)
        # All calls of a message are answered by what was loaded when it came.
        arms = arms or self._loaded.arms()
        key = (call.request.customer_id or f"{request_id(context)}/{call.id}") if arms.canary else ""
        pipeline = arms.of_model(call.request.model, key)
        check_placement(call.request.placement, pipeline.placements)
        request = read_recommend(call.request, self._limits)
        pipeline.reach(request.after, call.timeout if call.HasField("timeout") else None)
        return _Asked(
            number=call.id,
            request=request,
            pipeline=pipeline,
            include_timings=call.request.include_timings,
        )

    def _answers(self, asked: Sequence[_Asked], context: grpc.ServicerContext) -> list[recommend_pb2.StreamedAnswer]:
        groups: dict[int, list[_Asked]] = {}
        for one in asked:
            groups.setdefault(id(one.pipeline), []).append(one)
        return [answer for group in groups.values() for answer in self._of_one_bundle(group, context)]

    def _of_one_bundle(
        self, asked: Sequence[_Asked], context: grpc.ServicerContext
    ) -> Iterator[recommend_pb2.StreamedAnswer]:
        pipeline = asked[0].pipeline
        bundle = write_bundle(pipeline)
        found = self._gathering.recommend_all(pipeline, [one.request for one in asked])
        for one, answer in zip(asked, found, strict=True):
            if isinstance(answer, Exception):
                yield _refused(one.number, answer, context)
            else:
                made = write_recommendations(answer, bundle, include_timings=one.include_timings)
                if self._audience is not None:
                    self._audience.offer(made.impression_id, one.request, answer, pipeline)
                yield recommend_pb2.StreamedAnswer(id=one.number, list=made)


def _refused(number: int, error: Exception, context: grpc.ServicerContext) -> recommend_pb2.StreamedAnswer:
    told, name = as_told(error, context, METHOD)
    return recommend_pb2.StreamedAnswer(id=number, status=write_status(told, name))


def _messages(answers: Sequence[recommend_pb2.StreamedAnswer]) -> Iterator[bytes]:
    """Yield the answers in as few messages as their size allows."""
    message, size = recommend_pb2.StreamRecommendResponse(), 0
    for answer in answers:
        own = answer.ByteSize()
        if size and size + own > ANSWER_BYTES:
            yield message.SerializeToString()
            message, size = recommend_pb2.StreamRecommendResponse(), 0
        message.answers.append(answer)
        size += own
    if size:
        yield message.SerializeToString()
