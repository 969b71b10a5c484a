"""What the newest items of a history say of all the others, through a weight for each pair of items.

Which weights these are is a matter of the fit: how often one item follows soon after another (sequential item-based
collaborative filtering), or how well one predicts the other beside all the rest (a linear autoencoder).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.contributions import Contributions
from shortlist_bundle.signals.past import Past
from shortlist_bundle.sources.parts import parts
from shortlist_bundle.sources.scoreboard import Items, SparseScores
from shortlist_bundle.sources.shape import Shape
from shortlist_bundle.sources.since import PairsSince
from shortlist_bundle.sources.sums import summed
from shortlist_bundle.state.batch import CustomerBatch


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Newest:
    """Sums the weights of the newest items, each step back counting less.

    Attributes:
        indptr: int64 [N + 2], borders of each item's row of weights; row 0 is empty.
        neighbours: int32 [Z], item rows.
        weights: float32 [Z], of either sign.
        length: newest events that have a say.
        fade: what an item counts after one step more, in (0, 1].
        by_moment: whether what was taken at one moment is one step, as in a basket; else every event is a step.
        shape: what the pairs were counted by; None where the weights are no counts, or of an older release.
        since: pairs that were counted after the bundle was made; None where none were.
    """

    indptr: NDArray[np.int64]
    neighbours: NDArray[np.int32]
    weights: NDArray[np.float32]
    length: int
    fade: float
    by_moment: bool
    shape: Shape | None = None
    since: PairsSince | None = None

    def scoreboard(self, batch: CustomerBatch, past: Past) -> SparseScores:
        """See `Source.scoreboard`."""
        keys, strength = self._voices(batch, past)
        told = strength if self.since is None else self.since.strengths(keys, strength, past.width)
        found, scores = summed(
            self.indptr, self.neighbours, self.weights, keys, told, past.width, len(batch), self.length
        )
        if self.since is not None:
            found, scores = self.since.laid_over(found, scores, keys, strength, past.width)
        return SparseScores(count=len(batch), width=past.width, keys=found, scores=scores)

    def contributions(self, batch: CustomerBatch, past: Past, items: Items) -> Contributions:
        """See `Contributes`: exact, for a score is the sum of what the newest items add."""
        keys, strength = self._voices(batch, past)
        told = strength if self.since is None else self.since.strengths(keys, strength, past.width)
        amounts = parts(self.indptr, self.neighbours, self.weights, keys, told, past.width, items)
        if self.since is not None:
            amounts = self.since.parts(amounts, keys, strength, past.width, items)
        return Contributions(width=past.width, keys=keys, amounts=amounts, rest=np.zeros(items.shape, np.float32))

    def _voices(self, batch: CustomerBatch, past: Past) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        return batch.voices(width=past.width, length=self.length, fade=self.fade, by_moment=self.by_moment)
