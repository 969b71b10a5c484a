"""Which lists are kept, and what of them."""

import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from shortlist_bundle.impressions.impression import Asked, Brought, Impression
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.pipeline.reply import ClockUsed, Recommendations
from shortlist_server.pipeline.request import RecommendRequest

MOST_WAITING = 2_000
"""Impressions that wait to be written; further ones are dropped, so that a slow disk costs memory nor time."""
_SPACE = 1 << 64
_SAID_SECONDS = 60.0
"""Between two lines in the log that say how many were dropped."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A list that is to be kept, as the request left it: references, nothing that costs."""

    impression_id: str
    request: RecommendRequest
    answer: Recommendations
    pipeline: PipelineProtocol
    moment: float
    dropped: int


class Sampling:
    """Takes a share of the lists, by a hash of their id, into a queue of a limited length.

    Args:
        rate: the share, in (0, 1].
        most: length of the queue.
    """

    def __init__(self, rate: float, *, most: int = MOST_WAITING) -> None:
        self.rate = rate
        self.dropped = 0
        """How many lists there was no room for."""
        self._most = most
        self._below = round(rate * _SPACE)
        # Of a deque, append and popleft are atomic: requests take no lock here.
        self._waiting: deque[Shown] = deque()
        self._counted = 0
        self._said_at = -_SAID_SECONDS

    def offer(
        self, impression_id: str, request: RecommendRequest, answer: Recommendations, pipeline: PipelineProtocol
    ) -> None:
        """Keep the list if it belongs to the share and there is room; never waits."""
        if not self.takes(impression_id):
            return
        if len(self._waiting) >= self._most:
            self._drop()
            return
        new, self._counted = self.dropped - self._counted, self.dropped
        self._waiting.append(Shown(impression_id, request, answer, pipeline, time.time(), new))

    def takes(self, impression_id: str) -> bool:
        """Say whether a list belongs to the share; the same for everybody who asks."""
        if self._below >= _SPACE:
            return True
        return int.from_bytes(blake2b(impression_id.encode(), digest_size=8).digest(), "big") < self._below

    def taken(self) -> Sequence[Shown]:
        """Empty the queue."""
        return [self._waiting.popleft() for _ in range(len(self._waiting))]

    def _drop(self) -> None:
        self.dropped += 1
        now = time.monotonic()
        if now - self._said_at >= _SAID_SECONDS:
            self._said_at = now
            log.warning("impressions are dropped because the disk is slow; %d so far", self.dropped)


def impression_of(shown: Shown, rate: float) -> Impression:
    """Return what is kept of a list, and of the share that it stands for."""
    answer, pipeline = shown.answer, shown.pipeline
    ranks, drawn = answer.source_ranks, answer.exploration
    return Impression(
        impression_id=shown.impression_id,
        moment=shown.moment,
        as_of=answer.as_of,
        rate=rate,
        dropped=shown.dropped,
        model=pipeline.model,
        version=pipeline.version,
        bundle_id=pipeline.bundle_id,
        customer_id=shown.request.customer_id,
        placement=shown.request.placement,
        policy=drawn.policy if drawn else "none",
        propensities=tuple(drawn.propensities) if drawn else (),
        standard_errors=tuple(drawn.standard_errors) if drawn else (),
        seed=drawn.seed if drawn else None,
        item_ids=tuple(answer.item_ids),
        scores=tuple(answer.scores),
        sources=tuple(answer.sources),
        source_ranks=() if ranks is None else ranks.tolist(),
        context=shown.request.context,
        asked=_asked(shown.request, answer),
    )


def _asked(request: RecommendRequest, answer: Recommendations) -> Asked:
    return Asked(
        position=answer.position,
        seen_allowed=answer.seen_allowed,
        named=answer.clock is ClockUsed.REQUEST,
        features=request.profile.features,
        history=tuple(Brought(event.item_id, event.timestamp, event.value) for event in request.profile.history),
    )
