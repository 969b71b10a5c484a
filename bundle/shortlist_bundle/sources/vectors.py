"""Nearest items by inner product, through an exact or an approximate FAISS index."""

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.sources.scoreboard import Items, Mask, Scores, top

Vectors = NDArray[np.float32]


class ItemVectors:
    """Item vectors and the index over them.

    Args:
        vectors: float32 [N + 1, D], row 0 is nobody.
        index: serialised FAISS index over rows 1..N (its id 0 is item row 1), or None for exact search.
        probes: lists visited by an inverted-file index.
    """

    def __init__(self, vectors: Vectors, *, index: NDArray[np.uint8] | None = None, probes: int = 1) -> None:
        self.vectors = np.ascontiguousarray(vectors, np.float32)
        self.approximate = index is not None
        self.probes = probes
        if index is not None:
            self.index: Any = faiss.deserialize_index(index)
        else:
            self.index = faiss.IndexFlatIP(self.vectors.shape[1])
            self.index.add(self.vectors[1:])

    def scoreboard(self, customers: Vectors) -> "VectorScores":
        """Return the scoreboard of customers [B, D]."""
        return VectorScores(self, np.ascontiguousarray(customers, np.float32))

    def search(self, query: Vectors, depth: int, allowed: Mask) -> tuple[NDArray[np.int64], Scores]:
        """Return the best allowed item rows for one query [D], best first, ties by item row."""
        depth = int(min(depth, len(self.vectors) - 1))
        bits = np.packbits(allowed[1:], bitorder="little")
        selector = faiss.IDSelectorBitmap(len(allowed) - 1, faiss.swig_ptr(bits))
        if self.approximate:
            parameters = faiss.SearchParametersIVF(sel=selector, nprobe=self.probes)
        else:
            parameters = faiss.SearchParameters(sel=selector)
        # One more than wanted shows whether the last place is tied; FAISS would fill it with any of the equals.
        scores, found = self.index.search(query[None, :], depth + 1, params=parameters)
        rows, scores = found[0] + 1, scores[0]
        keep = rows > 0
        rows, scores = rows[keep], scores[keep]
        tied = len(rows) > depth and scores[depth] == scores[depth - 1]
        if (tied and not self.approximate) or (self.approximate and len(rows) < depth):
            return self.exact(query, depth, allowed)
        return top(rows, scores, depth)

    def exact(self, query: Vectors, depth: int, allowed: Mask) -> tuple[NDArray[np.int64], Scores]:
        """Return the same by looking at every allowed row: the fall-back that guarantees k, and the yardstick."""
        rows = np.flatnonzero(allowed[1:]) + 1
        return top(rows, self.vectors[rows] @ query, depth)


class VectorScores:
    """Inner products of a batch of customers with items. See `Scoreboard`."""

    def __init__(self, items: ItemVectors, customers: Vectors) -> None:
        self.items = items
        self.customers = customers

    def best(self, depth: int, allowed: Mask) -> tuple[Items, Scores]:
        """See `Scoreboard.best`."""
        items = np.zeros((len(self.customers), depth), np.int32)
        scores = np.full((len(self.customers), depth), -np.inf, np.float32)
        for row, query in enumerate(self.customers):
            if not query.any():
                continue  # nothing is known of this customer in this space
            found, values = self.items.search(query, depth, allowed[row])
            items[row, : len(found)], scores[row, : len(found)] = found, values
        return items, scores

    def at(self, items: Items) -> Scores:
        """See `Scoreboard.at`."""
        return np.einsum("bkd,bd->bk", self.items.vectors[items], self.customers).astype(np.float32)
