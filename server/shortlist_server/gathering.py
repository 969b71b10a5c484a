"""Requests that arrive while the engine is busy, answered together: a batch costs less than its requests one by one."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from shortlist_server.errors import PipelineError
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.pipeline.reply import Recommendations
from shortlist_server.pipeline.request import RecommendRequest

Answer = Recommendations | Exception


class _Ticket:
    """Requests of one caller on their way; `turn` is released when they are answered, or to answer for all."""

    __slots__ = ("answers", "pipeline", "requests", "turn")

    def __init__(self, pipeline: PipelineProtocol, requests: Sequence[RecommendRequest]) -> None:
        self.pipeline = pipeline
        self.requests = requests
        self.answers: Sequence[Answer] = ()
        self.turn = threading.Lock()


class Gathering:
    """Lets one caller at a time answer for everybody who is waiting; a lone caller waits for nobody.

    Args:
        largest: requests that one batch may have; a caller who brings more has them answered at once all the same.
    """

    def __init__(self, *, largest: int) -> None:
        self.largest = largest
        self.watch: Callable[[PipelineProtocol, Sequence[Answer], float], None] | None = None
        """Told of every caller's answers and the seconds they took, while two bundles are compared."""
        self._lock = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._busy = False

    def recommend(self, pipeline: PipelineProtocol, request: RecommendRequest) -> Recommendations:
        """Return the answer to one request, from the pipeline given.

        Raises:
            PipelineError: The request cannot be answered.
        """
        (answer,) = self.recommend_all(pipeline, (request,))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def recommend_all(self, pipeline: PipelineProtocol, requests: Sequence[RecommendRequest]) -> Sequence[Answer]:
        """Return an answer, or the reason why there is none, for each of one caller's requests."""
        watch = self.watch
        if watch is None:
            return self._recommend_all(pipeline, requests)
        began = time.perf_counter()
        answers = self._recommend_all(pipeline, requests)
        watch(pipeline, answers, time.perf_counter() - began)
        return answers

    def _recommend_all(self, pipeline: PipelineProtocol, requests: Sequence[RecommendRequest]) -> Sequence[Answer]:
        if not requests:
            return ()
        ticket = _Ticket(pipeline, requests)
        with self._lock:
            leads, self._busy = not self._busy, True
            if not leads:
                self._waiting.append(ticket)
                ticket.turn.acquire()
        if not leads:
            ticket.turn.acquire()
        if not ticket.answers:
            self._lead(ticket)
        return ticket.answers

    def _lead(self, ticket: _Ticket) -> None:
        """Answer one's own requests and those that wait, then let the next one lead."""
        batch = [ticket, *self._companions(ticket)]
        try:
            _answer(batch)
        finally:
            with self._lock:
                successor = self._waiting.popleft() if self._waiting else None
                self._busy = successor is not None
            for other in batch[1:]:
                other.turn.release()
            if successor is not None:
                successor.turn.release()

    def _companions(self, ticket: _Ticket) -> list[_Ticket]:
        """Take out those at the head of the queue who ask the same pipeline."""
        found: list[_Ticket] = []
        room = self.largest - len(ticket.requests)
        with self._lock:
            while self._waiting and self._waiting[0].pipeline is ticket.pipeline:
                room -= len(self._waiting[0].requests)
                if room < 0:
                    break
                found.append(self._waiting.popleft())
        return found


def _answer(batch: list[_Ticket]) -> None:
    requests = [request for ticket in batch for request in ticket.requests]
    answers = _answers(batch[0].pipeline, requests)
    start = 0
    for ticket in batch:
        ticket.answers = answers[start : start + len(ticket.requests)]
        start += len(ticket.requests)


def _answers(pipeline: PipelineProtocol, requests: Sequence[RecommendRequest]) -> list[Answer]:
    try:
        found: list[Recommendations | PipelineError] = list(pipeline.recommend(requests))
        if len(found) != len(requests):
            raise RuntimeError(f"the pipeline gave {len(found)} answers to {len(requests)} requests")
    except Exception as error:
        if len(requests) == 1:
            return [error]
        # One request that breaks the engine must not take its companions along.
        return [answer for request in requests for answer in _answers(pipeline, (request,))]
    return list(found)
