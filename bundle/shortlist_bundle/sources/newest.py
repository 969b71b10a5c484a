"""What the newest items of a history say of all the others, through a weight for each pair of items.

Which weights these are is a matter of the fit: how often one item follows soon after another (sequential item-based
collaborative filtering), or how well one predicts the other beside all the rest (a linear autoencoder).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.signals.past import Past
from shortlist_bundle.sources.scoreboard import SparseScores
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
    """

    indptr: NDArray[np.int64]
    neighbours: NDArray[np.int32]
    weights: NDArray[np.float32]
    length: int
    fade: float
    by_moment: bool

    def scoreboard(self, batch: CustomerBatch, past: Past) -> SparseScores:
        """See `Source.scoreboard`; an item that was taken several times counts as its newest taking."""
        history = batch.history
        keys, strength = _voices(
            history.offsets, history.items, history.times, past.width, self.length, self.fade, self.by_moment
        )
        found, scores = summed(
            self.indptr, self.neighbours, self.weights, keys, strength, past.width, len(batch), self.length
        )
        return SparseScores(count=len(batch), width=past.width, keys=found, scores=scores)


@compiled
def _voices(
    offsets: NDArray[np.int64],
    items: NDArray[np.int32],
    times: NDArray[np.float64],
    width: int,
    length: int,
    fade: float,
    by_moment: bool,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the newest items of each customer and how much they count, by rising key `owner * width + item`."""
    keys, strength = np.empty(len(items), np.int64), np.empty(len(items), np.float32)
    newest, counts, filled = np.empty(length, np.int64), np.empty(length, np.float32), 0
    for owner in range(len(offsets) - 1):
        size, step = 0, 0
        stop = offsets[owner + 1]
        for event in range(stop - 1, max(offsets[owner], stop - length) - 1, -1):
            if event < stop - 1 and not (by_moment and times[event] == times[event + 1]):
                step += 1
            if items[event]:
                newest[size], counts[size] = items[event], fade**step
                size += 1
        previous = 0
        # The order of equal items is that of the steps, and the first of them is the newest.
        for place in np.argsort(newest[:size] * length + np.arange(size)):
            if newest[place] != previous:
                previous = newest[place]
                keys[filled], strength[filled] = owner * width + previous, counts[place]
                filled += 1
    return keys[:filled], strength[:filled]
