"""Nearest items by inner product: all of them while they are few, through an inverted-file index when they are many."""

from copy import copy
from functools import cache
from math import ceil
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.sources.found import Found
from shortlist_bundle.sources.index_memory import read_index
from shortlist_bundle.sources.lists import Lists
from shortlist_bundle.sources.products import Vectors, best_of_all, best_of_fetched, inner_products, padded
from shortlist_bundle.sources.scoreboard import Items, Mask, Scores
from shortlist_bundle.sources.strategies import (
    Effort,
    Strategy,
    plan_with_lists,
    plan_without_index,
    plan_without_lists,
)
from shortlist_bundle.sources.top import top

CELLS = 2**22
"""Scores that are held at once, customers times items."""
SPARE = 1.25
"""What an index finds is scored again from the vectors themselves; so many times as much as wanted is taken from it,
where its bundle does not say."""
MOST_FETCHED = 4
"""Over-fetching ends where more than so many times as much as without a filter would be fetched; the search is then
made anew."""
STEPS = 4
"""What is not allowed is made up for in so many steps, so that customers of one batch are searched for together."""


class ItemVectors:
    """Item vectors and the index over them.

    Args:
        vectors: float32 [N + 1, D], row 0 is nobody.
        index: FAISS index over rows 1..N (its id 0 is item row 1), as it is or serialised; None for exact search.
        probes: lists visited by an inverted-file index.
        spare: so many times as much as wanted is taken from the index, at least 1: what it keeps is rounded.

    Rows behind those of the index, which `grown` adds, are few, and each search looks at all of them beside it.
    """

    def __init__(self, vectors: Vectors, *, index: Any = None, probes: int = 1, spare: float = SPARE) -> None:
        self.vectors = np.ascontiguousarray(vectors, np.float32)
        self.index: Any = read_index(index) if isinstance(index, np.ndarray) else index
        if self.index is not None and (self.index.ntotal != len(self.vectors) - 1 or self.index.d < vectors.shape[1]):
            raise ValueError(f"an index of {self.index.ntotal} items is none over {len(self.vectors) - 1}")
        self.probes = probes
        self.spare = spare
        self._lists = Lists(self.index, probes) if isinstance(self.index, faiss.IndexIVF) else None
        self._fresh = np.zeros(0, np.int32)

    def grown(self, vectors: Vectors) -> "ItemVectors":
        """Return the same items with further ones behind them, float32 [more, D]; the index is shared."""
        if len(vectors) == len(self.vectors):
            return self
        items = copy(self)
        items.vectors = vectors
        if self.index is not None:
            items._fresh = np.arange(self.index.ntotal + 1, len(vectors), dtype=np.int32)
        return items

    def merged(self, *, beyond: int) -> "ItemVectors":
        """Return the items with a copy of the index that has them all, if more than so many stand beside it."""
        if len(self._fresh) <= beyond:
            return self
        items = copy(self)
        # Not a clone, which would go on reading bytes that stand in a mapped file, and cannot grow.
        items.index = faiss.deserialize_index(faiss.serialize_index(self.index))
        items.index.add(padded(self.vectors[self._fresh], self.index.d))
        items._lists = None if self._lists is None else Lists(items.index, self.probes)
        items._fresh = np.zeros(0, np.int32)
        return items

    def deeper(self, times: float) -> "ItemVectors":
        """Return the same items, searched in so many times as many lists, and with as many more taken from them."""
        items = copy(self)
        items.probes, items.spare = ceil(times * self.probes), times * self.spare
        items._lists = None if self._lists is None else self._lists.visiting(items.probes)
        return items

    @property
    def approximate(self) -> bool:
        """Whether there is an index, which may miss some of the nearest."""
        return self.index is not None

    def scoreboard(self, customers: Vectors) -> "VectorScores":
        """Return the scoreboard of customers [B, D]."""
        return VectorScores(self, np.ascontiguousarray(customers, np.float32))

    def plan(self, allowed: int, *, over_fetch: bool = True) -> Strategy:
        """Return how items are searched of which so many are allowed."""
        share = allowed / max(len(self.vectors) - 1, 1)
        if self.index is None:
            return plan_without_index(share)
        if self._lists is None:
            return plan_without_lists(share, over_fetch=over_fetch)
        return plan_with_lists(share, self._lists.visited, over_fetch=over_fetch)

    def search(self, query: Vectors, depth: int, allowed: Mask) -> Found:
        """Return the best allowed items for one query [D]: `depth` of them, or all where fewer are allowed."""
        depth = int(min(depth, len(self.vectors) - 1))
        count = allowed_of(allowed)
        found, strategy = None, self.plan(count)
        if strategy is Strategy.OVER_FETCH:
            found = self.over_fetched(query, depth, allowed)
            strategy = self.plan(count, over_fetch=False)
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
        if len(self._fresh):
            fresh = self._fresh[allowed[self._fresh]]
            own = inner_products(self.vectors, query[None], fresh[None])[0]
            rows, scores = np.concatenate([rows, fresh]), np.concatenate([scores, own])
            scanned, survived = scanned + len(self._fresh), survived + len(fresh)
        return Found(*top(rows, scores, depth), Effort(Strategy.SELECTOR, scanned, survived))

    def over_fetched(self, query: Vectors, depth: int, allowed: Mask) -> Found | None:
        """Search the index for more and more, and drop what is not allowed; None where that would be too much."""
        items, scores = np.zeros((1, depth), np.int32), np.full((1, depth), np.float32(-np.inf))
        fetch, only = self.fetches(depth, allowed_of(allowed)), np.zeros(1, np.int64)
        while fetch <= MOST_FETCHED * self.spare * depth:
            (effort,) = self.fill_fetched(query[None], only, depth, fetch, allowed[None], items, scores)
            if effort.survived >= depth:
                return Found(items[0], scores[0], effort)
            fetch *= 2
        return None

    def fetches(self, depth: int, allowed: int) -> int:
        """Return how many items the index is asked for first, so that `depth` are probably among those allowed."""
        left_out, step = len(self.vectors) - 1 - allowed, -(-depth // STEPS)
        return ceil(self.spare * (depth + step * -(-min(left_out, depth) // step)))

    def fill_fetched(
        self,
        customers: Vectors,
        rows: NDArray[np.int64],
        depth: int,
        fetch: int,
        allowed: Mask,
        items: Items,
        scores: Scores,
    ) -> list[Effort]:
        """Search the index for some of the customers, and fill in their best allowed items.

        Args:
            customers: float32 [B, D].
            rows: int64 [b], which of them.
            depth: how many are wanted for each.
            fetch: so many items are taken from the index for each.
            allowed: bool [B, N + 1].
            items: int32 [B, depth or more], filled in, best first.
            scores: float32, likewise.

        Returns:
            What each search came to. Where fewer than `depth` survived, there may be more.
        """
        fetch = min(fetch, self.index.ntotal)
        wide = np.zeros((len(rows), self.index.d), np.float32)
        wide[:, : customers.shape[1]] = customers[rows]
        fetched = self._search(wide, fetch, self._wider(max(fetch / (self.spare * depth), 1.0)))
        if len(self._fresh):
            fresh = np.broadcast_to(self._fresh.astype(np.int64) - 1, (len(rows), len(self._fresh)))
            fetched = np.concatenate([fetched, fresh], axis=1)
        survived = best_of_fetched(self.vectors, customers, rows, fetched, allowed, depth, items, scores)
        return [Effort(Strategy.OVER_FETCH, fetched.shape[1], count) for count in survived.tolist()]

    def _search(self, queries: Vectors, fetch: int, parameters: Any) -> NDArray[np.int64]:
        """Return what the index finds for queries [Q, D] of its width, int64 [Q, fetch], -1 where it finds no more."""
        scores, found = np.empty((len(queries), fetch), np.float32), np.empty((len(queries), fetch), np.int64)
        # Without FAISS's own wrapper, whose checks of what is known here to be right are a tenth of a search.
        self.index.search_c(
            len(queries), faiss.swig_ptr(queries), fetch, faiss.swig_ptr(scores), faiss.swig_ptr(found), parameters
        )
        return found

    def _wider(self, times: float) -> Any:
        """Return parameters for a search in so many times as many lists; None for an index without lists."""
        if self._lists is None:
            return None
        return _parameters(min(ceil(times * self.probes), self.index.nlist))

    def _best(self, query: Vectors, depth: int, rows: Items, effort: Effort) -> Found:
        scores = inner_products(self.vectors, query[None], rows[None])[0]
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
        every, fetched, others = list[int](), dict[int, list[int]](), list[int]()
        within = min(depth, len(self.items.vectors) - 1)
        for row, customer in enumerate(self.customers):
            count = allowed_of(allowed[row])
            # Nothing is known of some in this space; and whoever was searched for before, and may have nothing now, is
            # not the one that is asked for.
            if not customer.any() or not (count or self.efforts[row] is None):
                continue
            plan = self.items.plan(count)
            if plan is Strategy.EXACT:
                every.append(row)
            elif plan is Strategy.OVER_FETCH:
                fetched.setdefault(self.items.fetches(within, count), []).append(row)
            else:
                others.append(row)
        if every:
            self._score_all(np.array(every), allowed, items, scores)
        for fetch, rows in fetched.items():
            others += self._fetch(rows, within, fetch, allowed, items, scores)
        for row in others:
            found = self.items.search(self.customers[row], depth, allowed[row])
            items[row, : len(found.items)], scores[row, : len(found.items)] = found.items, found.scores
            self.efforts[row] = found.effort
        return items, scores

    def _fetch(self, rows: list[int], depth: int, fetch: int, allowed: Mask, items: Items, scores: Scores) -> list[int]:
        """Fill in what the index finds at once for some of the customers; return those for whom it was too little."""
        efforts = self.items.fill_fetched(self.customers, np.array(rows), depth, fetch, allowed, items, scores)
        for row, effort in zip(rows, efforts, strict=True):
            self.efforts[row] = effort
        return [row for row, effort in zip(rows, efforts, strict=True) if effort.survived < depth]

    def book(self, row: int, effort: Effort) -> None:
        """Add a further search to what was done for a customer."""
        before = self.efforts[row]
        self.efforts[row] = effort if before is None else before.plus(effort)

    def products(self, rows: NDArray[np.integer]) -> Scores:
        """Return the inner products of some of the customers, by row, with every item, float32 [b, N + 1]."""
        return self.customers[rows] @ self.items.vectors.T

    def at(self, items: Items) -> Scores:
        """See `Scoreboard.at`."""
        return inner_products(self.items.vectors, self.customers, items)

    def _score_all(self, rows: NDArray[np.int64], allowed: Mask, items: Items, scores: Scores) -> None:
        """Fill in the best of some customers from their products with all items, several customers at a time."""
        vectors = self.items.vectors
        size = max(CELLS // len(vectors), 1)
        for start in range(0, len(rows), size):
            own = rows[start : start + size]
            best_of_all(self.products(own), own, allowed, items, scores)
        for row in rows:
            survived = int(np.count_nonzero(allowed[row, 1:]))
            self.efforts[row] = Effort(Strategy.EXACT, len(vectors) - 1, survived)


def allowed_of(allowed: Mask) -> int:
    """Return how many items of a mask, bool [N + 1], are allowed; item 0 is none."""
    return int(np.count_nonzero(allowed)) - bool(allowed[0])


@cache
def _parameters(probes: int) -> Any:
    # Making them anew for each search costs a tenth of it.
    return faiss.SearchParametersIVF(nprobe=probes)
