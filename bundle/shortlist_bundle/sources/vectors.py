"""Nearest items by inner product: all of them while they are few, through an inverted-file index when they are many."""

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.scoreboard import Items, Mask, Scores
from shortlist_bundle.sources.top import best_places, replace_least, top

Vectors = NDArray[np.float32]

EXACT_SHARE = 0.1
"""Where a smaller share of the items is allowed, an inverted file would find few of them, and all are looked at."""
CELLS = 2**22
"""Scores that are held at once, customers times items."""


class ItemVectors:
    """Item vectors and the index over them.

    Args:
        vectors: float32 [N + 1, D], row 0 is nobody.
        index: serialised FAISS index over rows 1..N (its id 0 is item row 1), or None for exact search.
        probes: lists visited by an inverted-file index.
    """

    def __init__(self, vectors: Vectors, *, index: NDArray[np.uint8] | None = None, probes: int = 1) -> None:
        self.vectors = np.ascontiguousarray(vectors, np.float32)
        self.index: Any = None if index is None else faiss.deserialize_index(index)
        self.probes = probes

    @property
    def approximate(self) -> bool:
        """Whether there is an index, which may miss some of the nearest."""
        return self.index is not None

    def scoreboard(self, customers: Vectors) -> "VectorScores":
        """Return the scoreboard of customers [B, D]."""
        return VectorScores(self, np.ascontiguousarray(customers, np.float32))

    def search(self, query: Vectors, depth: int, allowed: Mask) -> tuple[NDArray[np.integer], Scores]:
        """Return the best allowed item rows for one query [D], best first, ties by item row."""
        depth = int(min(depth, len(self.vectors) - 1))
        if not self.approximate or np.count_nonzero(allowed) < EXACT_SHARE * len(allowed):
            return self.exact(query, depth, allowed)
        bits = np.packbits(allowed[1:], bitorder="little")
        selector = faiss.IDSelectorBitmap(len(allowed) - 1, faiss.swig_ptr(bits))
        parameters = faiss.SearchParametersIVF(sel=selector, nprobe=self.probes)
        scores, found = self.index.search(padded(query[None], self.index.d), depth, params=parameters)
        rows = found[0] + 1
        if np.count_nonzero(rows) < depth:
            return self.exact(query, depth, allowed)
        return top(rows, scores[0], depth)

    def exact(self, query: Vectors, depth: int, allowed: Mask) -> tuple[NDArray[np.integer], Scores]:
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
        scores = np.full((len(self.customers), depth), np.float32(-np.inf))
        known = (self.customers != 0).any(axis=1, keepdims=True)[:, 0]  # of the others nothing is known in this space
        if not self.items.approximate:
            vectors = self.items.vectors
            size = max(CELLS // len(vectors), 1)
            for start in range(0, len(known), size):
                rows = slice(start, start + size)
                _best_of_all(self.products(rows), known[rows], allowed[rows], items[rows], scores[rows])
            return items, scores
        for row in np.flatnonzero(known):
            found, values = self.items.search(self.customers[row], depth, allowed[row])
            items[row, : len(found)], scores[row, : len(found)] = found, values
        return items, scores

    def products(self, rows: slice) -> Scores:
        """Return the inner products of some of the customers with every item, float32 [b, N + 1]."""
        return self.customers[rows] @ self.items.vectors.T

    def at(self, items: Items) -> Scores:
        """See `Scoreboard.at`."""
        return _inner_products(self.items.vectors, self.customers, items)


def padded(vectors: Vectors, width: int) -> Vectors:
    """Return vectors with zeros behind them up to an index's width; inner products stay the same."""
    return np.pad(vectors, [(0, 0), (0, width - vectors.shape[1])])


@compiled
def _best_of_all(every: Scores, known: Mask, allowed: Mask, items: Items, scores: Scores) -> None:
    """Fill each known customer's best allowed items and their scores in."""
    usable, values = np.empty(every.shape[1], np.int32), np.empty(every.shape[1], np.float32)
    for row in range(len(every)):
        if not known[row]:
            continue
        least = np.full(items.shape[1], np.float32(-np.inf), np.float32)
        for item in range(1, every.shape[1]):
            if every[row, item] > least[0] and allowed[row, item]:
                replace_least(least, every[row, item])
        size = 0
        for item in range(1, every.shape[1]):
            if every[row, item] >= least[0] and allowed[row, item]:
                usable[size], values[size] = item, every[row, item]
                size += 1
        best = best_places(usable[:size], values[:size], items.shape[1])
        for rank in range(len(best)):
            items[row, rank], scores[row, rank] = usable[best[rank]], values[best[rank]]


@compiled
def _inner_products(vectors: Vectors, customers: Vectors, items: Items) -> Scores:
    products = np.empty(items.shape, np.float32)
    for row in range(len(items)):
        for column in range(items.shape[1]):
            product, item = np.float32(0), items[row, column]
            for letter in range(vectors.shape[1]):
                product += vectors[item, letter] * customers[row, letter]
            products[row, column] = product
    return products
