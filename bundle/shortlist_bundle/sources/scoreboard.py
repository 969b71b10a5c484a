"""What a source has to say of a batch: its best items, and its score of any item."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.top import best_places, replace_least

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
        return _best_of_few(self.keys, self.scores, self.width, depth, allowed)

    def at(self, items: Items) -> Scores:
        """See `Scoreboard.at`."""
        return _of_few(self.keys, self.scores, self.width, items)


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


@compiled
def _best_of_few(
    keys: NDArray[np.int64], scores: Scores, width: int, depth: int, allowed: Mask
) -> tuple[Items, Scores]:
    items = np.zeros((len(allowed), depth), np.int32)
    values = np.full((len(allowed), depth), np.float32(-np.inf), np.float32)
    things, own = np.empty(len(keys), np.int32), np.empty(len(keys), np.float32)
    least, start = np.empty(max(depth, 1), np.float32), 0
    for row in range(len(allowed)):
        stop, size = start + int(np.searchsorted(keys[start:], (row + 1) * width)), 0
        # The score that is just good enough first: most are not, and of those nothing else is looked at.
        least[:] = -np.inf
        for place in range(start, stop):
            if scores[place] > least[0]:
                thing = keys[place] - row * width
                if thing > 0 and allowed[row, thing]:
                    replace_least(least, scores[place])
        for place in range(start, stop):
            if scores[place] >= least[0]:
                thing = keys[place] - row * width
                if thing > 0 and allowed[row, thing]:
                    things[size], own[size] = thing, scores[place]
                    size += 1
        start = stop
        best = best_places(things[:size], own[:size], depth)
        for rank in range(len(best)):
            items[row, rank], values[row, rank] = things[best[rank]], own[best[rank]]
    return items, values


@compiled
def _of_few(keys: NDArray[np.int64], scores: Scores, width: int, items: Items) -> Scores:
    found = np.zeros(items.shape, np.float32)
    for row in range(len(items)):
        start, stop = np.searchsorted(keys, row * width), np.searchsorted(keys, (row + 1) * width)
        own = keys[start:stop]
        for column in range(items.shape[1]):
            key = row * width + items[row, column]
            place = _place_of(own, key)
            if place < len(own) and own[place] == key:
                found[row, column] = scores[start + place]
    return found


@compiled
def _place_of(keys: NDArray[np.int64], key: int) -> int:
    """Return where a key stands among rising ones, or where it would, but for the end.

    Which half is looked at next is reckoned and not branched on: nobody can foretell it.
    """
    first, length = 0, len(keys)
    while length > 1:
        half = length // 2
        first += half * (keys[first + half - 1] < key)
        length -= half
    return first
