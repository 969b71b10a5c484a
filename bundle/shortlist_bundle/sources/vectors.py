"""Nearest items by inner product: all of them while they are few, through an inverted-file index when they are many."""

from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.lists import Lists
from shortlist_bundle.sources.scoreboard import Items, Mask, Scores
from shortlist_bundle.sources.strategies import (
    Effort,
    Strategy,
    plan_with_lists,
    plan_without_index,
    plan_without_lists,
)
from shortlist_bundle.sources.top import best_places, replace_least, top

Vectors = NDArray[np.float32]

CELLS = 2**22
"""Scores that are held at once, customers times items."""
SPARE = 1.25
"""What an index finds is scored again from the vectors themselves; so many times as much as wanted is taken from it."""
MOST_FETCHED = 4
"""Over-fetching ends where more than so many times as much as wanted would be fetched; the search is then made anew."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one search found.

    Attributes:
        items: rows of the best allowed items, best first, ties by item row; int [n].
        scores: their inner products with the query, float32 [n].
        effort: what it took.
    """

    items: NDArray[np.integer]
    scores: Scores
    effort: Effort


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
        self._lists = Lists(self.index, probes) if isinstance(self.index, faiss.IndexIVF) else None

    @property
    def approximate(self) -> bool:
        """Whether there is an index, which may miss some of the nearest."""
        return self.index is not None

    def scoreboard(self, customers: Vectors) -> "VectorScores":
        """Return the scoreboard of customers [B, D]."""
        return VectorScores(self, np.ascontiguousarray(customers, np.float32))

    def plan(self, allowed: Mask, *, over_fetch: bool = True) -> Strategy:
        """Return how items are searched of which those in `allowed`, bool [N + 1], may be found."""
        share = np.count_nonzero(allowed[1:]) / max(len(allowed) - 1, 1)
        if self.index is None:
            return plan_without_index(share)
        if self._lists is None:
            return plan_without_lists(share, over_fetch=over_fetch)
        return plan_with_lists(share, self._lists.visited, over_fetch=over_fetch)

    def search(self, query: Vectors, depth: int, allowed: Mask) -> Found:
        """Return the best allowed items for one query [D]: `depth` of them, or all where fewer are allowed."""
        depth = int(min(depth, len(self.vectors) - 1))
        found, strategy = None, self.plan(allowed)
        if strategy is Strategy.OVER_FETCH:
            found = self.over_fetched(query, depth, allowed)
            strategy = self.plan(allowed, over_fetch=False)
        if found is None and strategy is Strategy.SELECTOR:
            found = self.selected(query, depth, allowed)
        return found or self.exact(query, depth, allowed)

    def exact(self, query: Vectors, depth: int, allowed: Mask) -> Found:
        """Return the same by scoring every allowed row: the fall-back that guarantees k, and the yardstick."""
        rows = (np.flatnonzero(allowed[1:]) + 1).astype(np.int32)
        return self._best(query, depth, rows, Effort(Strategy.GATHERED, len(rows), len(rows)))

    def selected(self, query: Vectors, depth: int, allowed: Mask) -> Found | None:
        """Search the index's lists for allowed items alone; None for an index without lists."""
        if self._lists is None:
            return None
        rows, scores, scanned, survived = self._lists.search(self.vectors, query, depth, allowed)
        return Found(*top(rows, scores, depth), Effort(Strategy.SELECTOR, scanned, survived))

    def over_fetched(self, query: Vectors, depth: int, allowed: Mask) -> Found | None:
        """Search the index for more and more, and drop what is not allowed; None where that would be too much."""
        wide, count = padded(query[None], self.index.d), len(allowed) - 1
        left_out = count - np.count_nonzero(allowed[1:])
        fetch = int(min(depth + left_out, np.ceil(SPARE * depth * count / (count - left_out))))
        while fetch <= MOST_FETCHED * depth:
            rows = self._fetched(wide, min(fetch, count), self._wider(fetch / depth))
            kept = rows[allowed[rows]]
            if len(kept) >= depth:
                return self._best(query, depth, kept, Effort(Strategy.OVER_FETCH, len(rows), len(kept)))
            fetch *= 2
        return None

    def _wider(self, times: float) -> Any:
        """Return parameters for a search in so many times as many lists; None for an index without lists."""
        if self._lists is None:
            return None
        return faiss.SearchParametersIVF(nprobe=int(min(np.ceil(times * self.probes), self.index.nlist)))

    def _fetched(self, wide: Vectors, depth: int, parameters: Any) -> Items:
        """Return the item rows that the index finds, int32 [n]; FAISS says -1 where it finds no more."""
        found = self.index.search(wide, depth, params=parameters)[1][0]
        return found[found >= 0].astype(np.int32) + 1

    def _best(self, query: Vectors, depth: int, rows: Items, effort: Effort) -> Found:
        scores = _inner_products(self.vectors, query[None], rows[None])[0]
        return Found(*top(rows, scores, depth), effort)


class VectorScores:
    """Inner products of a batch of customers with items. See `Scoreboard`.

    Attributes:
        efforts: what was done to find each customer's best; None where nothing was.
    """

    def __init__(self, items: ItemVectors, customers: Vectors) -> None:
        self.items = items
        self.customers = customers
        self.efforts: list[Effort | None] = [None] * len(customers)

    def best(self, depth: int, allowed: Mask) -> tuple[Items, Scores]:
        """See `Scoreboard.best`."""
        items = np.zeros((len(self.customers), depth), np.int32)
        scores = np.full((len(self.customers), depth), np.float32(-np.inf))
        known = np.flatnonzero((self.customers != 0).any(axis=1))  # of the others nothing is known in this space
        every = np.array([self.items.plan(allowed[row]) is Strategy.EXACT for row in known], np.bool_)
        self._score_all(known[every], allowed, items, scores)
        for row in known[~every]:
            found = self.items.search(self.customers[row], depth, allowed[row])
            items[row, : len(found.items)], scores[row, : len(found.items)] = found.items, found.scores
            self.efforts[row] = found.effort
        return items, scores

    def book(self, row: int, effort: Effort) -> None:
        """Add a further search to what was done for a customer."""
        before = self.efforts[row]
        self.efforts[row] = effort if before is None else before.plus(effort)

    def products(self, rows: NDArray[np.integer]) -> Scores:
        """Return the inner products of some of the customers, by row, with every item, float32 [b, N + 1]."""
        return self.customers[rows] @ self.items.vectors.T

    def at(self, items: Items) -> Scores:
        """See `Scoreboard.at`."""
        return _inner_products(self.items.vectors, self.customers, items)

    def _score_all(self, rows: NDArray[np.int64], allowed: Mask, items: Items, scores: Scores) -> None:
        """Fill in the best of some customers from their products with all items, several customers at a time."""
        vectors = self.items.vectors
        size = max(CELLS // len(vectors), 1)
        for start in range(0, len(rows), size):
            own = rows[start : start + size]
            _best_of_all(self.products(own), own, allowed, items, scores)
        for row in rows:
            survived = int(np.count_nonzero(allowed[row, 1:]))
            self.efforts[row] = Effort(Strategy.EXACT, len(vectors) - 1, survived)


def padded(vectors: Vectors, width: int) -> Vectors:
    """Return vectors with zeros behind them up to an index's width; inner products stay the same."""
    return np.pad(vectors, [(0, 0), (0, width - vectors.shape[1])])


@compiled
def _best_of_all(every: Scores, rows: NDArray[np.int64], allowed: Mask, items: Items, scores: Scores) -> None:
    """Fill in the best allowed items and their scores of the customers in `rows`, from their scores of all items."""
    usable, values = np.empty(every.shape[1], np.int32), np.empty(every.shape[1], np.float32)
    for number in range(len(rows)):
        row = rows[number]
        least = np.full(items.shape[1], np.float32(-np.inf), np.float32)
        for item in range(1, every.shape[1]):
            if every[number, item] > least[0] and allowed[row, item]:
                replace_least(least, every[number, item])
        size = 0
        for item in range(1, every.shape[1]):
            if every[number, item] >= least[0] and allowed[row, item]:
                usable[size], values[size] = item, every[number, item]
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
