"""Customers near a customer: where everybody stood at the end of the log, and the search among them."""

from math import ceil
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.sources.content import columns_of, every_product
from shortlist_bundle.sources.index_memory import read_index
from shortlist_bundle.sources.products import padded
from shortlist_bundle.sources.scoreboard import Scores
from shortlist_bundle.sources.top import top
from shortlist_bundle.towers.layers import Float, unit

CHUNK = 2**16
"""Customers whose vectors are widened to float32 at one time."""


class CustomerSpace:
    """The customers' directions in the two-tower's space, and an index over them where they are many.

    Half precision halves the memory (a million customers of width 64: 128 MB) and moves a cosine by less than 0.001.

    Args:
        vectors: float16 [M + 1, D] of length 1, row 0 is nobody; zeros for a customer of whom nothing was known.
        index: serialised FAISS index over rows 1..M (its id 0 is customer row 1), or None for exact search.
        probes: lists visited by an inverted-file index.
        spare: so many times as many as wanted are taken from the index, at least 1.
    """

    def __init__(
        self,
        vectors: NDArray[np.float16],
        *,
        index: NDArray[np.uint8] | None = None,
        probes: int = 1,
        spare: float = 1.0,
    ) -> None:
        self.vectors = vectors
        self.index: Any = None if index is None else read_index(index)
        self.probes = probes
        self.spare = spare
        self._known = np.any(vectors != 0, axis=1)

    @property
    def approximate(self) -> bool:
        """Whether there is an index, which may miss some of the nearest."""
        return self.index is not None

    def nearest(self, query: Float, k: int, *, oneself: int = 0) -> tuple[NDArray[np.integer], Scores]:
        """Return the k customers nearest to one, rows and cosines, best first, ties by customer row.

        Everybody is found of whom anything was known, if k is large enough; nobody else, and never oneself.

        Args:
            query: float32 [D], of any length. Zeros ask for the typical customers: those nearest to the mean.
            k: how many; fewer come back only where there are no more.
            oneself: row that is left out; 0 for a stranger.
        """
        if not query.any() and self._known.any():
            query = self.vectors[self._known].mean(axis=0, dtype=np.float64).astype(np.float32)
        query = unit(query[None])[0]
        rows = self._found(query, k + 1, oneself)
        if len(rows) < k:
            rows = self._others(oneself)
        return top(rows, self._cosines(rows, query), k)

    def _found(self, query: Float, depth: int, oneself: int) -> NDArray[np.integer]:
        """Return what the index finds, in no particular order; nothing without one."""
        if self.index is None:
            return np.zeros(0, np.int64)
        lists = isinstance(self.index, faiss.IndexIVF)
        parameters = faiss.SearchParametersIVF(nprobe=self.probes) if lists else None
        depth = min(ceil(self.spare * depth), len(self.vectors) - 1)
        _, found = self.index.search(padded(query[None], self.index.d), depth, params=parameters)
        rows: NDArray[np.integer] = found[0][found[0] >= 0] + 1
        return np.sort(rows[self._known[rows] & (rows != oneself)])

    def _others(self, oneself: int) -> NDArray[np.integer]:
        rows = np.flatnonzero(self._known)
        return rows[rows != oneself]

    def _cosines(self, rows: NDArray[np.integer], query: Float) -> Scores:
        chunks = [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
        parts = [every_product(columns_of(self.vectors[chunk]), query[None])[0] for chunk in chunks]
        return np.concatenate([np.zeros(0, np.float32), *parts])
