"""Inner products of customers with items, and the best of them: the loops behind `ItemVectors`."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.scoreboard import Items, Mask, Scores
from shortlist_bundle.sources.top import best_places, replace_least

Vectors = NDArray[np.float32]


def padded(vectors: Vectors, width: int) -> Vectors:
    """Return vectors with zeros behind them up to an index's width; inner products stay the same."""
    return np.pad(vectors, [(0, 0), (0, width - vectors.shape[1])])


BLOCK = 32
"""Scores that are looked at together: is there one among them that is better than the worst of the best so far?"""


@compiled
def best_of_all(every: Scores, rows: NDArray[np.int64], allowed: Mask, items: Items, scores: Scores) -> None:
    """Fill in the best allowed items and their scores of the customers in `rows`, from their scores of all items."""
    met, values = np.empty(every.shape[1], np.int32), np.empty(every.shape[1], np.float32)
    for number in range(len(rows)):
        row = rows[number]
        size = _contenders(every[number], allowed[row], items.shape[1], met, values)
        best = best_places(met[:size], values[:size], items.shape[1])
        for rank in range(len(best)):
            items[row, rank], scores[row, rank] = met[best[rank]], values[best[rank]]


@compiled
def _contenders(own: Scores, allowed: NDArray[np.bool_], depth: int, met: Items, values: Scores) -> int:
    """Fill in the items, by row, among which are the `depth` best allowed ones, and return how many these are."""
    least, size = np.full(depth, np.float32(-np.inf), np.float32), 0
    for start in range(1, len(own), BLOCK):
        stop, hit = min(start + BLOCK, len(own)), False
        for item in range(start, stop):
            # Without a branch: the processor compares many at once.
            hit |= own[item] > least[0]
        if hit:
            for item in range(start, stop):
                # An equal one comes after as many as are wanted: ties go to the earlier row.
                if own[item] > least[0] and allowed[item]:
                    replace_least(least, own[item])
                    met[size], values[size] = item, own[item]
                    size += 1
    kept = 0
    for place in range(size):
        if values[place] >= least[0]:
            met[kept], values[kept] = met[place], values[place]
            kept += 1
    return kept


@compiled
def best_of_fetched(
    vectors: Vectors,
    customers: Vectors,
    rows: NDArray[np.int64],
    fetched: NDArray[np.int64],
    allowed: Mask,
    depth: int,
    items: Items,
    scores: Scores,
) -> NDArray[np.int64]:
    """Fill in the best allowed items of the customers in `rows` among those that an index found for them.

    Args:
        vectors: of all items, float32 [N + 1, D].
        customers: float32 [B, D].
        rows: int64 [b], which of the customers.
        fetched: int64 [b, F], what the index found, counted from 0; -1 where it found no more.
        allowed: bool [B, N + 1].
        depth: how many at most.
        items: int32 [B, depth or more], filled in, best first; left as it is where there are fewer.
        scores: float32, likewise.

    Returns:
        How many of what was found are allowed, int64 [b].
    """
    usable, values = np.empty(fetched.shape[1], np.int32), np.empty(fetched.shape[1], np.float32)
    survived = np.zeros(len(rows), np.int64)
    for number in range(len(rows)):
        row, size = rows[number], 0
        for place in range(fetched.shape[1]):
            item = fetched[number, place] + 1
            if item > 0 and allowed[row, item]:
                product = np.float32(0)
                for letter in range(vectors.shape[1]):
                    product += vectors[item, letter] * customers[row, letter]
                usable[size], values[size] = item, product
                size += 1
        best = best_places(usable[:size], values[:size], depth)
        for rank in range(len(best)):
            items[row, rank], scores[row, rank] = usable[best[rank]], values[best[rank]]
        survived[number] = size
    return survived


@compiled
def inner_products(vectors: Vectors, customers: Vectors, items: Items) -> Scores:
    """Return the inner products of customers [B, D] with an item each, int32 [B, K] rows of vectors; float32 [B, K]."""
    products = np.empty(items.shape, np.float32)
    for row in range(len(items)):
        for column in range(items.shape[1]):
            product, item = np.float32(0), items[row, column]
            for letter in range(vectors.shape[1]):
                product += vectors[item, letter] * customers[row, letter]
            products[row, column] = product
    return products
