"""Content-based candidates: items whose features are near those of what the customer has taken.

An item stands in this space by its features alone, so one that nobody has touched is found like any other (Pazzani and
Billsus 2007, "Content-based recommendation systems", https://doi.org/10.1007/978-3-540-72079-9_10).
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.contributions import Contributions, voiced_products
from shortlist_bundle.signals.past import Past, mixed
from shortlist_bundle.sources.found import Found
from shortlist_bundle.sources.products import Vectors
from shortlist_bundle.sources.scoreboard import Items, Mask, Scores
from shortlist_bundle.sources.vectors import ItemVectors, VectorScores
from shortlist_bundle.state.batch import CustomerBatch

BLOCK = 2048
"""Sums that are added to at once: few enough to stay in the nearest cache."""


class Content:
    """Looks for items near the sum of the customer's own items, newer ones counting more.

    The inner product with that sum is the sum of the cosines to each of them.

    Args:
        items: vectors float32 [N + 1, D] of length 1, or zeros where nothing is known of an item.
        mix: weight of each half-life's decayed count of the history item.
        columns: the vectors as columns for exact search, where there are some already; further columns behind those of
            the items are room for more of them.
    """

    name: ClassVar[str] = "content"

    def __init__(self, items: ItemVectors, *, mix: tuple[float, ...], columns: Vectors | None = None) -> None:
        self.items = items
        self.mix = mix
        self.columns = None if items.approximate else columns_of(items.vectors) if columns is None else columns

    def profiles(self, past: Past, count: int) -> Vectors:
        """Return what the customers like, float32 [B, D] of length 1; zeros where nothing is known of it."""
        return _directions(self.items.vectors, past.owners, past.things, self._strength(past), count)

    def scoreboard(self, batch: CustomerBatch, past: Past) -> "ContentScores":
        """See `Source.scoreboard`: cosines in [-1, 1] between a customer's taste and an item."""
        return ContentScores(self.items, self.profiles(past, len(batch)), columns=self.columns)

    def contributions(self, batch: CustomerBatch, past: Past, items: Items) -> Contributions:
        """See `Contributes`: exact, for a taste is a sum over the customer's items, scaled as a whole."""
        vectors, strength, owners = self.items.vectors, self._strength(past), past.owners
        tastes = self.profiles(past, len(batch))
        # The length of the sum, for it is the sum's inner product with its own direction.
        along = strength * np.einsum("pd,pd->p", vectors[past.things], tastes[owners])
        lengths = np.bincount(owners, weights=along, minlength=len(batch))[owners]
        weights = np.divide(strength, lengths, out=np.zeros(len(strength)), where=lengths > 0).astype(np.float32)
        amounts = voiced_products(vectors, past.keys, past.width, weights[:, None], vectors[items][None])
        return Contributions(width=past.width, keys=past.keys, amounts=amounts, rest=np.zeros(items.shape, np.float32))

    def _strength(self, past: Past) -> Scores:
        # The square root keeps one item bought every day from drowning all the others.
        return np.sqrt(mixed(past.decayed, np.asarray(self.mix, np.float32)))

    def nearest(self, item: int, k: int, allowed: Mask) -> Found:
        """Return the k allowed items nearest to one item by the cosine, which is 0 where nothing is known of either."""
        query = self.items.vectors[item]
        return self.items.search(query, k, allowed) if self.items.approximate else self.items.exact(query, k, allowed)


class ContentScores(VectorScores):
    """Cosines of a batch of tastes with items. See `Scoreboard`.

    Args:
        items: to look among.
        customers: float32 [B, D], the tastes.
        columns: the items' vectors as columns, for exact search; None for an index.
    """

    def __init__(self, items: ItemVectors, customers: Vectors, *, columns: Vectors | None) -> None:
        super().__init__(items, customers)
        self.columns = columns

    def products(self, rows: NDArray[np.integer]) -> Scores:
        """See `VectorScores.products`."""
        columns = columns_of(self.items.vectors) if self.columns is None else self.columns
        products = every_product(columns, self.customers[rows])
        count = len(self.items.vectors)
        return products if products.shape[1] == count else np.ascontiguousarray(products[:, :count])


def columns_of(vectors: Vectors) -> Vectors:
    """Return vectors [N, D] as columns, float32 [D, N], each letter's row in one piece."""
    return np.ascontiguousarray(vectors.T, np.float32)


@compiled
def every_product(columns: Vectors, queries: Vectors) -> Scores:
    """Return the inner products of queries [Q, D] with every column [D, N], float32 [Q, N].

    Items with the same features have the same vector. Their products are equal to the last bit here, so that the
    order of their rows decides between them; a library's matrix product rounds them by their place in a block.
    """
    products = np.zeros((len(queries), columns.shape[1]), np.float32)
    for row in range(len(queries)):
        for start in range(0, columns.shape[1], BLOCK):
            sums = products[row, start : start + BLOCK]
            for letter in range(len(columns)):
                share, column = queries[row, letter], columns[letter, start : start + BLOCK]
                for item in range(len(sums)):
                    sums[item] += column[item] * share
    return products


@compiled
def _directions(
    vectors: Vectors, owners: NDArray[np.int64], things: NDArray[np.int64], strength: Scores, count: int
) -> Vectors:
    sums = np.zeros((count, vectors.shape[1]), np.float32)
    for place in range(len(owners)):
        total, vector, share = sums[owners[place]], vectors[things[place]], strength[place]
        for letter in range(len(vector)):
            total[letter] += share * vector[letter]
    for owner in range(count):
        length = np.sqrt((sums[owner] * sums[owner]).sum())
        # What rounding leaves of tastes that cancel out is no direction.
        sums[owner] = sums[owner] / length if length > 1e-6 else np.zeros_like(sums[owner])
    return sums
