"""Which lists are looked at again: a share of them, kept until a thread comes for them, and never waited for."""

import random
import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from shortlist_server.pipeline.live import LivePipeline
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.pipeline.reply import Recommendations
from shortlist_server.pipeline.request import RecommendRequest

MOST_WAITING = 1_000
Watched = Pipeline | LivePipeline


@dataclass(frozen=True, slots=True)
class Sample:
    """A list that was shown. Its pipeline may be gone by the time it is looked at: nothing here keeps it in memory."""

    pipeline: "weakref.ref[Watched]"
    request: RecommendRequest
    answer: Recommendations


class Samples:
    """A queue of limited length.

    Args:
        rate: share of the lists that come in, in [0, 1].
        most: length of the queue.
    """

    def __init__(self, rate: float, *, most: int = MOST_WAITING) -> None:
        self.rate = rate
        self.dropped = 0
        """How many lists there was no room for."""
        self._most = most
        self._drawn = random.Random()
        # Of a deque, append and popleft are atomic: requests take no lock here.
        self._waiting: deque[Sample] = deque()

    def offer(
        self, impression_id: str, request: RecommendRequest, answer: Recommendations, pipeline: PipelineProtocol
    ) -> None:
        """Take in a list if it is drawn and there is room; never waits."""
        if self._drawn.random() >= self.rate or not isinstance(pipeline, Watched):
            return
        if len(self._waiting) >= self._most:
            self.dropped += 1
            return
        self._waiting.append(Sample(weakref.ref(pipeline), request, answer))

    def taken(self) -> Sequence[Sample]:
        """Empty the queue."""
        return [self._waiting.popleft() for _ in range(len(self._waiting))]
