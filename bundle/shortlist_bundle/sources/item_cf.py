"""Item-based collaborative filtering: those who took this also took that.

Sarwar et al. 2001, "Item-based collaborative filtering recommendation algorithms",
https://doi.org/10.1145/371920.372071
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.contributions import Contributions
from shortlist_bundle.signals.past import Past, mixed
from shortlist_bundle.sources.parts import loudest, parts
from shortlist_bundle.sources.scoreboard import Items, SparseScores
from shortlist_bundle.sources.since import PairsSince
from shortlist_bundle.sources.sums import summed
from shortlist_bundle.state.batch import CustomerBatch

HISTORY_ITEMS = 100
"""Items of a customer's past that have a say: more of them add cost and hardly any score."""


class ItemCf:
    """Sums the neighbours of the customer's own items, newer items counting more.

    Args:
        indptr: int64 [N + 2], borders of each item's neighbours; row 0 is empty.
        neighbours: int32 [Z], item rows.
        weights: float32 [Z], similarities, positive.
        mix: weight of each half-life's decayed count of the history item.
        since: pairs that were counted after the bundle was made; None where none were.
    """

    name: ClassVar[str] = "item_cf"

    def __init__(
        self,
        *,
        indptr: NDArray[np.int64],
        neighbours: NDArray[np.int32],
        weights: NDArray[np.float32],
        mix: tuple[float, ...],
        since: PairsSince | None = None,
    ) -> None:
        self.indptr = indptr
        self.neighbours = neighbours
        self.weights = weights
        self.mix = mix
        self.since = since

    def scoreboard(self, batch: CustomerBatch, past: Past) -> SparseScores:
        """See `Source.scoreboard`; each customer's strongest 100 items have a say."""
        keys, strength = past.keys, self._strength(past)
        if self.since is not None:
            # Who speaks does not depend on what was counted since.
            keys, strength = loudest(keys, strength, past.width, len(batch), HISTORY_ITEMS)
        told = strength if self.since is None else self.since.strengths(keys, strength, past.width)
        found, scores = summed(
            self.indptr, self.neighbours, self.weights, keys, told, past.width, len(batch), HISTORY_ITEMS
        )
        if self.since is not None:
            found, scores = self.since.laid_over(found, scores, keys, strength, past.width)
        return SparseScores(count=len(batch), width=past.width, keys=found, scores=scores)

    def contributions(self, batch: CustomerBatch, past: Past, items: Items) -> Contributions:
        """See `Contributes`: exact, for a score is the sum of what the customer's items add."""
        keys, strength = loudest(past.keys, self._strength(past), past.width, len(batch), HISTORY_ITEMS)
        told = strength if self.since is None else self.since.strengths(keys, strength, past.width)
        amounts = parts(self.indptr, self.neighbours, self.weights, keys, told, past.width, items)
        if self.since is not None:
            amounts = self.since.parts(amounts, keys, strength, past.width, items)
        return Contributions(width=past.width, keys=keys, amounts=amounts, rest=np.zeros(items.shape, np.float32))

    def _strength(self, past: Past) -> NDArray[np.float32]:
        # The square root keeps one item bought every day from drowning all the others.
        return np.sqrt(mixed(past.decayed, np.asarray(self.mix, np.float32)))

    def similar(self, item: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the neighbours of one item and their similarities, in no particular order."""
        own = slice(self.indptr[item], self.indptr[item + 1])
        if self.since is None:
            return self.neighbours[own], self.weights[own]
        width = len(self.indptr) - 1
        keys, strength = np.array([item], np.int64), np.ones(1, np.float32)
        told = self.weights[own] * self.since.strengths(keys, strength, width)
        found, weights = self.since.laid_over(self.neighbours[own].astype(np.int64), told, keys, strength, width)
        return found.astype(np.int32), weights
