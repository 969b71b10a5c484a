"""Item-based collaborative filtering: those who took this also took that.

Sarwar et al. 2001, "Item-based collaborative filtering recommendation algorithms",
https://doi.org/10.1145/371920.372071
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from shortlist_bundle.signals.past import Past
from shortlist_bundle.sources.scoreboard import SparseScores

HISTORY_ITEMS = 100
"""Items of a customer's past that have a say: more of them add cost and hardly any score."""
DENSE_CELLS = 2**22


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
        width = len(indptr) - 1
        self.mix = mix
        self.matrix = sparse.csr_array((weights, neighbours, indptr), shape=(width, width))

    def scoreboard(self, past: Past, count: int) -> SparseScores:
        """Return the summed similarities of a batch; each customer's strongest 100 items have a say."""
        # The square root keeps one item bought every day from drowning all the others.
        strength = np.sqrt(past.decayed @ np.asarray(self.mix, np.float32))
        chosen = _strongest(past.owners, strength, HISTORY_ITEMS)
        owners, things, strength = past.owners[chosen], past.things[chosen], strength[chosen]
        keys, scores = self._summed(owners, things, strength, count)
        return SparseScores(count=count, width=past.width, keys=keys, scores=scores)

    def _summed(
        self, owners: NDArray[np.int64], things: NDArray[np.int64], strength: NDArray[np.float32], count: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return what the neighbours of (owner, thing) pairs add up to, by key `owner * width + item`."""
        matrix, width = self.matrix, self.matrix.shape[0]
        begin = matrix.indptr[things].astype(np.int64)
        lengths = matrix.indptr[things + 1] - begin
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        index = np.arange(total) + np.repeat(begin - (ends - lengths), lengths)
        keys = np.repeat(owners * width, lengths) + matrix.indices[index]
        shares = np.repeat(strength, lengths) * matrix.data[index]
        if count * width <= DENSE_CELLS:
            # A table of all cells is quicker than sorting, as long as it fits the caches.
            table = np.bincount(keys, weights=shares, minlength=count * width)
            found = np.flatnonzero(table)
            return found, table[found].astype(np.float32)
        found, inverse = np.unique(keys, return_inverse=True)
        return found, np.bincount(inverse, weights=shares, minlength=len(found)).astype(np.float32)

    def similar(self, item: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the neighbours of one item and their similarities, in no particular order."""
        own = slice(self.matrix.indptr[item], self.matrix.indptr[item + 1])
        return self.matrix.indices[own], self.matrix.data[own]


def _strongest(owners: NDArray[np.int64], strength: NDArray[np.float32], limit: int) -> NDArray[np.int64]:
    """Return the positions of each owner's `limit` strongest entries, in their old order; ties go to the first."""
    counts = np.bincount(owners)
    if counts.max(initial=0) <= limit:
        return np.arange(len(owners))
    order = np.lexsort((-strength, owners))
    first = np.concatenate([[0], np.cumsum(counts)])[owners[order]]
    return np.sort(order[np.arange(len(order)) - first < limit])
