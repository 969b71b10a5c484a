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
        """Return the summed similarities of a batch."""
        # The square root keeps one item bought every day from drowning all the others.
        strength = np.sqrt(past.decayed @ np.asarray(self.mix, np.float32))
        indptr = np.searchsorted(past.keys, np.arange(count + 1, dtype=np.int64) * past.width)
        taken = sparse.csr_array((strength, past.things, indptr), shape=(count, past.width))
        product = sparse.csr_array(taken @ self.matrix)
        product.sort_indices()
        owners = np.repeat(np.arange(count, dtype=np.int64), np.diff(product.indptr))
        return SparseScores(
            count=count,
            width=past.width,
            keys=owners * past.width + product.indices,
            scores=product.data.astype(np.float32),
        )

    def similar(self, item: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the neighbours of one item and their similarities, in no particular order."""
        own = slice(self.matrix.indptr[item], self.matrix.indptr[item + 1])
        return self.matrix.indices[own], self.matrix.data[own]
