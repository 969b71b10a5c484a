"""Item-based collaborative filtering: those who took this also took that.

Sarwar et al. 2001, "Item-based collaborative filtering recommendation algorithms",
https://doi.org/10.1145/371920.372071
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.signals.past import Past
from shortlist_bundle.sources.scoreboard import SparseScores
from shortlist_bundle.sources.top import best_places
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
    """

    name: ClassVar[str] = "item_cf"

    def __init__(
        self,
        *,
        indptr: NDArray[np.int64],
        neighbours: NDArray[np.int32],
        weights: NDArray[np.float32],
        mix: tuple[float, ...],
    ) -> None:
        self.indptr = indptr
        self.neighbours = neighbours
        self.weights = weights
        self.mix = mix

    def scoreboard(self, batch: CustomerBatch, past: Past) -> SparseScores:
        """See `Source.scoreboard`; each customer's strongest 100 items have a say."""
        # The square root keeps one item bought every day from drowning all the others.
        strength = np.sqrt(past.decayed @ np.asarray(self.mix, np.float32))
        keys, scores = summed(
            self.indptr, self.neighbours, self.weights, past.keys, strength, past.width, len(batch), HISTORY_ITEMS
        )
        return SparseScores(count=len(batch), width=past.width, keys=keys, scores=scores)

    def similar(self, item: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the neighbours of one item and their similarities, in no particular order."""
        own = slice(self.indptr[item], self.indptr[item + 1])
        return self.neighbours[own], self.weights[own]


@compiled
def summed(
    indptr: NDArray[np.integer],
    neighbours: NDArray[np.int32],
    weights: NDArray[np.float32],
    keys: NDArray[np.int64],
    strength: NDArray[np.float32],
    width: int,
    count: int,
    limit: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return what the neighbours of each owner's `limit` strongest things add up to, by key `owner * width + item`."""
    sums = np.zeros(width, np.float32)
    most = np.diff(indptr).max() * limit
    room = count * min(most, width) + 1
    found, scores, filled = np.empty(room, np.int64), np.empty(room, np.float32), 0
    items, values = np.empty(min(most, width), np.int32), np.empty(min(most, width), np.float32)
    start = 0
    for owner in range(count):
        stop = start
        while stop < len(keys) and keys[stop] < (owner + 1) * width:
            stop += 1
        strongest = np.arange(stop - start)
        if stop - start > limit:
            strongest = best_places(keys[start:stop], strength[start:stop], limit)
            strongest.sort()  # the order of the sums does not depend on how strong each is
        reached = 0
        for place in strongest:
            thing, share = keys[start + place] - owner * width, strength[start + place]
            for position in range(indptr[thing], indptr[thing + 1]):
                sums[neighbours[position]] += share * weights[position]
            reached += indptr[thing + 1] - indptr[thing]
        if 8 * reached > width:
            # Looking at every item is less work than sorting those that were reached.
            for item in range(width):
                found[filled], scores[filled] = owner * width + item, sums[item]
                filled += sums[item] != 0
            sums[:] = 0
        else:
            size = 0
            for place in strongest:
                thing = keys[start + place] - owner * width
                for item in neighbours[indptr[thing] : indptr[thing + 1]]:
                    if sums[item] != 0:
                        items[size], values[size] = item, sums[item]
                        sums[item] = 0  # so that it is taken once
                        size += 1
            for position in np.argsort(items[:size]):
                found[filled], scores[filled] = owner * width + items[position], values[position]
                filled += 1
        start = stop
    return found[:filled], scores[:filled]
