"""What a source has to say of a batch: its best items, and its score of any item."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Items = NDArray[np.int32]
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]


class Scoreboard(Protocol):
    """One source's scores for one batch of B customers."""

    def best(self, depth: int, allowed: Mask) -> tuple[Items, Scores]:
        """Return the `depth` best allowed items of each customer, best first, ties by item row.

        Args:
            depth: how many, positive.
            allowed: bool [B, N + 1]; column 0 is ignored, item 0 is never returned.

        Returns:
            Items int32 [B, depth], 0 where the source has nothing more, and their scores (-inf there).
        """
        ...

    def at(self, items: Items) -> Scores:
        """Return the scores of the given items, float32 [B, K]; 0 where the source knows nothing of an item."""
        ...


def top(items: NDArray[np.int64], scores: Scores, depth: int) -> tuple[NDArray[np.int64], Scores]:
    """Return the `depth` best of a flat list by falling score, ties by rising item row."""
    if len(scores) > 4 * depth:
        floor = np.partition(scores, len(scores) - depth)[len(scores) - depth]
        keep = np.flatnonzero(scores >= floor)
        items, scores = items[keep], scores[keep]
    order = np.lexsort((items, -scores))[:depth]
    return items[order], scores[order]


@dataclass(frozen=True, slots=True, kw_only=True)
class SparseScores:
    """Scores of a few items per customer, sorted by customer and item.

    Attributes:
        count: number of customers, B.
        width: number of items plus one.
        keys: int64 [P], `owner * width + item`, ascending.
        scores: float32 [P].
    """

    count: int
    width: int
    keys: NDArray[np.int64]
    scores: Scores

    def best(self, depth: int, allowed: Mask) -> tuple[Items, Scores]:
        """See `Scoreboard.best`."""
        items = np.zeros((self.count, depth), np.int32)
        scores = np.full((self.count, depth), -np.inf, np.float32)
        bounds = np.searchsorted(self.keys, np.arange(self.count + 1, dtype=np.int64) * self.width)
        for row in range(self.count):
            own = slice(bounds[row], bounds[row + 1])
            things, values = self.keys[own] - row * self.width, self.scores[own]
            keep = allowed[row, things] & (things > 0)
            chosen, chosen_scores = top(things[keep], values[keep], depth)
            items[row, : len(chosen)], scores[row, : len(chosen)] = chosen, chosen_scores
        return items, scores

    def at(self, items: Items) -> Scores:
        """See `Scoreboard.at`."""
        keys = np.arange(self.count, dtype=np.int64)[:, None] * self.width + items
        if not len(self.keys):
            return np.zeros(items.shape, np.float32)
        position = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[position] == keys, self.scores[position], np.float32(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedScores:
    """One score per item, the same for all customers of a group.

    Attributes:
        groups: int [B], which row of `table` holds for a customer.
        table: float32 [G, N + 1].
        orders: int32 [G, N], the items of each group, best first, ties by item row.
    """

    groups: NDArray[np.integer]
    table: Scores
    orders: Items

    def best(self, depth: int, allowed: Mask) -> tuple[Items, Scores]:
        """See `Scoreboard.best`."""
        items = np.zeros((len(self.groups), depth), np.int32)
        scores = np.full((len(self.groups), depth), -np.inf, np.float32)
        for row, group in enumerate(self.groups):
            chosen = _first_allowed(self.orders[group], allowed[row], depth)
            items[row, : len(chosen)] = chosen
            scores[row, : len(chosen)] = self.table[group, chosen]
        return items, scores

    def at(self, items: Items) -> Scores:
        """See `Scoreboard.at`."""
        return self.table[np.asarray(self.groups)[:, None], items]


def _first_allowed(order: Items, allowed: Mask, depth: int) -> Items:
    # Most requests allow nearly everything, so a short look at the head of the order is enough.
    reach = 4 * depth
    while True:
        head = order[:reach]
        chosen = head[allowed[head]][:depth]
        if len(chosen) == depth or reach >= len(order):
            return chosen
        reach *= 8
