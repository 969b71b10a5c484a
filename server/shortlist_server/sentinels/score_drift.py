"""Scores that are served beside those that the same bundle gave when its log ended.

Bins are tenths of the bundle's own scores, and the distance is the Jensen-Shannon divergence, for the reasons of
docs/decisions/0033-a-canary-is-judged-by-shares.md.
"""

from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.gates.divergence import jensen_shannon
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.reply import Recommendations
from shortlist_server.pipeline.request import (
    AS_THE_POLICY_SAYS,
    EXPLORE_AS_THE_POLICY_SAYS,
    NO_EXPLORATION,
    RecommendRequest,
    Seen,
)

CUSTOMERS = 100
BEST = 5
"""Scores of a list that count, from its first on."""
BINS = 10
_AT_ONCE = 5
_PRIOR = 0.5
"""Added to every count (Jeffreys), as in the gates."""


def comparable(request: RecommendRequest, answer: Recommendations) -> bool:
    """Say whether a list was made as those that it is compared with: of a known customer, and with nothing special."""
    special = (
        request.filter or request.needs or request.sources or request.source_quotas or request.exclude_items
        or request.profile.history or request.profile.features or request.placement not in ("", "default")
    )  # fmt: skip
    usual = request.seen is Seen.POLICY and request.diversity is AS_THE_POLICY_SAYS
    usual = usual and request.exploration is EXPLORE_AS_THE_POLICY_SAYS and answer.exploration is None
    return bool(usual and not special and answer.known_customer and len(answer.scores) >= BEST)


def reference_requests(pipeline: Pipeline) -> Iterator[RecommendRequest]:
    """Yield the requests whose scores those that are served are compared with: customers, as the bundle's log ended."""
    model = pipeline.served
    known = np.flatnonzero(model.snapshot.events.lengths > 0)
    spread = np.unique(np.linspace(0, len(known) - 1, min(CUSTOMERS, len(known))).astype(np.int64))
    end = model.clock.log_end if model.clock.has_times else None
    for row in known[spread].tolist():
        yield RecommendRequest(customer_id=model.customers.id(row), k=BEST, as_of=end, exploration=NO_EXPLORATION)


class Reference:
    """The scores that a bundle gave when its log ended, asked for a few at a time.

    Args:
        pipeline: of the bundle; it is not kept.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._left = deque(reference_requests(pipeline))
        self._scores: list[float] = []

    def ask(self, pipeline: Pipeline) -> "Tenths | None":
        """Ask for the next few lists; return the tenths of all scores after the last, None before and without any."""
        if self._left:
            requests = [self._left.popleft() for _ in range(min(_AT_ONCE, len(self._left)))]
            for answer in pipeline.recommend(requests):
                if not isinstance(answer, Exception):
                    self._scores += answer.scores
        return Tenths(self._scores) if self._scores and not self._left else None


class Tenths:
    """The borders between the tenths of some scores.

    Args:
        scores: float [N], at least one.
    """

    def __init__(self, scores: Sequence[float]) -> None:
        self._borders = np.unique(np.quantile(np.array(scores, np.float64), np.linspace(0, 1, BINS + 1)[1:-1]))
        self._counts = self.counted(scores)

    def counted(self, scores: Sequence[float]) -> NDArray[np.int64]:
        """Return how many of the scores lie in each tenth; fewer than ten where many scores are equal."""
        return np.bincount(np.searchsorted(self._borders, scores, side="left"), minlength=len(self._borders) + 1)

    def drift(self, counts: NDArray[np.int64]) -> float:
        """Return how far the scores so counted are from those that made the tenths, in bits, in [0, 1]."""
        return jensen_shannon(self._counts + _PRIOR, counts + _PRIOR)
