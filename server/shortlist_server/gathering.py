"""Requests that arrive while the engine is busy, answered together: a batch costs less than its requests one by one."""

import threading
from collections import deque

from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.pipeline.reply import Recommendations
from shortlist_server.pipeline.request import RecommendRequest

Answer = Recommendations | Exception
_NOT_YET = RuntimeError("the request was not answered")


class _Ticket:
    """One request on its way; `turn` is released when it is answered, or when its caller is to answer for all."""

    __slots__ = ("answer", "pipeline", "request", "turn")

    def __init__(self, pipeline: PipelineProtocol, request: RecommendRequest) -> None:
        self.pipeline = pipeline
        self.request = request
        self.answer: Answer = _NOT_YET
        self.turn = threading.Lock()


class Gathering:
    """Lets one caller at a time answer for everybody who is waiting; a lone caller waits for nobody.

    Args:
        largest: requests that one batch may have.
    """

    def __init__(self, *, largest: int) -> None:
        self.largest = largest
        self._lock = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._busy = False

    def recommend(self, pipeline: PipelineProtocol, request: RecommendRequest) -> Recommendations:
        """Return the answer to one request, from the pipeline given.

        Raises:
            PipelineError: The request cannot be answered.
        """
        ticket = _Ticket(pipeline, request)
        with self._lock:
            leads, self._busy = not self._busy, True
            if not leads:
                self._waiting.append(ticket)
                ticket.turn.acquire()
        if not leads:
            ticket.turn.acquire()
        if ticket.answer is _NOT_YET:
            self._lead(ticket)
        if isinstance(ticket.answer, Exception):
            raise ticket.answer
        return ticket.answer

    def _lead(self, ticket: _Ticket) -> None:
        """Answer one's own request and those that wait, then let the next one lead."""
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
        with self._lock:
            while self._waiting and len(found) + 1 < self.largest and self._waiting[0].pipeline is ticket.pipeline:
                found.append(self._waiting.popleft())
        return found


def _answer(batch: list[_Ticket]) -> None:
    try:
        answers = batch[0].pipeline.recommend([ticket.request for ticket in batch])
        for ticket, answer in zip(batch, answers, strict=True):
            ticket.answer = answer
    except Exception as error:
        if len(batch) == 1:
            batch[0].answer = error
            return
        # One request that breaks the engine must not take its companions along.
        for ticket in batch:
            _answer([ticket])
