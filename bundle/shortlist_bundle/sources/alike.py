"""Customers by what they have taken: who is most like somebody, and what those have taken."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.sums import DENSE, add_row, moved_out
from shortlist_bundle.sources.top import best_places

Float = NDArray[np.float32]
Rows = NDArray[np.int32]
Borders = NDArray[np.int64]

UNMET = -1.0
"""Stands where no sum has begun: a sum itself may be zero, where what is added is too small for a float."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Takers:
    """U customers as rows of a sparse matrix, and its transpose.

    Attributes:
        customers: int32 [U], their customer rows.
        offsets: int64 [U + 1], borders of what each has taken.
        items: int32 [P], distinct item rows, rising within a customer.
        amounts: float32 [P], how much was taken, positive.
        rarity: float32 [N + 1], what an item says about who took it, positive: the inverse document frequency.
        most: an item is compared through at most so many of its takers, the first in the order of `customers`.
        says: float32 [P], the logarithm of 1 + amount, worked out once: every request sums thousands of them.
        index: borders int64 [N + 2], and for each item the positions int32 of its takers with their weights float32.
    """

    customers: Rows
    offsets: Borders
    items: Rows
    amounts: Float
    rarity: Float
    most: int
    says: Float = field(init=False, repr=False)
    index: tuple[Borders, Rows, Float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        says = np.log1p(self.amounts)
        object.__setattr__(self, "says", says)
        object.__setattr__(self, "index", _transposed(self.offsets, self.items, says, self.rarity, self.most))


def told_by_neighbours(
    takers: Takers, keys: NDArray[np.int64], strength: Float, rows: Rows, *, neighbours: int, focus: float
) -> tuple[NDArray[np.int64], Float]:
    """Return what the customers most similar to each of B owners have taken.

    Similarity is the cosine of what was taken, each item weighted by its rarity. An item's score is the mean over the
    neighbours of `log(1 + amount)`, each neighbour weighted by similarity to the power of `focus`.

    Args:
        takers: the customers who can be neighbours.
        keys: int64 [P], `owner * width + item`, rising; what the owners are compared by.
        strength: float32 [P], how much each of those counts.
        rows: int32 [B], the owners' customer rows: nobody is their own neighbour; 0 for a stranger.
        neighbours: so many are asked, the most similar first, ties by place in `takers`.
        focus: power of the similarity.

    Returns:
        Keys `owner * width + item`, int64, rising, and their scores, float32, not negative.
    """
    return _told(
        *takers.index, takers.customers, takers.offsets, takers.items, takers.says, takers.rarity, keys, strength,
        rows, neighbours, focus,
    )  # fmt: skip


@compiled
def _transposed(offsets: Borders, items: Rows, says: Float, rarity: Float, most: int) -> tuple[Borders, Rows, Float]:
    """Return each item's takers with their weights: rarity times the logarithm of the amount, rows of unit length."""
    width = len(rarity)
    borders = np.zeros(width + 1, np.int64)
    for item in items:
        borders[item + 1] += 1
    for item in range(width):
        borders[item + 1] = borders[item] + min(borders[item + 1], most)
    positions, weights = np.empty(borders[-1], np.int32), np.empty(borders[-1], np.float32)
    filled = borders[:-1].copy()
    for position in range(len(offsets) - 1):
        own = slice(offsets[position], offsets[position + 1])
        parts = says[own] * rarity[items[own]]
        length = np.sqrt((parts * parts).sum())
        for place in range(len(parts)):
            item = items[offsets[position] + place]
            if filled[item] < borders[item + 1]:
                positions[filled[item]], weights[filled[item]] = position, parts[place] / max(length, 1e-9)
                filled[item] += 1
    return borders, positions, weights


@compiled
def _told(
    borders: Borders,
    positions: Rows,
    weights: Float,
    customers: Rows,
    offsets: Borders,
    items: Rows,
    says: Float,
    rarity: Float,
    keys: NDArray[np.int64],
    strength: Float,
    rows: Rows,
    neighbours: int,
    focus: float,
) -> tuple[NDArray[np.int64], Float]:
    width, start = len(rarity), 0
    similarity, met = np.full(len(customers), UNMET, np.float32), np.empty(len(customers), np.int32)
    # As numbers without a sign: the compiler would ask of each of the others whether it counts from the end.
    sums, told = np.zeros(width, np.float32), items.view(np.uint32)
    found, scores, filled = np.empty(0, np.int64), np.empty(0, np.float32), 0
    for owner in range(len(rows)):
        stop = start
        while stop < len(keys) and keys[stop] < (owner + 1) * width:
            stop += 1
        near = alike(
            borders, positions, weights, rarity, keys[start:stop] - owner * width, strength[start:stop], similarity, met
        )
        for place in range(len(near)):
            if customers[near[place]] == rows[owner] and rows[owner] > 0:
                similarity[near[place]] = 0
        best = near[best_places(near, similarity[near], neighbours)]
        total, reached = np.float32(0), 0
        for place in range(len(best)):
            total += similarity[best[place]] ** np.float32(focus)
            reached += offsets[best[place] + 1] - offsets[best[place]]
        for place in range(len(best)):
            share = similarity[best[place]] ** np.float32(focus) / max(total, np.float32(1e-30))
            own = slice(offsets[best[place]], offsets[best[place] + 1])
            if share > 0:
                add_row(sums, told[own], says[own], share)
        similarity[near] = UNMET
        found, scores = _widened(found, scores, filled, min(reached, width) + 1)
        if DENSE * reached > width:
            filled = moved_out(sums, owner, found, scores, filled)
        else:
            filled = _moved_out_few(sums, owner, offsets, items, best, found, scores, filled)
        start = stop
    return found[:filled], scores[:filled]


@compiled
def _widened(keys: NDArray[np.int64], scores: Float, filled: int, more: int) -> tuple[NDArray[np.int64], Float]:
    """Return the same keys and scores with room for some more."""
    if filled + more <= len(keys):
        return keys, scores
    room = 2 * filled + more
    wide, values = np.empty(room, np.int64), np.empty(room, np.float32)
    wide[:filled], values[:filled] = keys[:filled], scores[:filled]
    return wide, values


@compiled
def _moved_out_few(
    sums: Float,
    owner: int,
    offsets: Borders,
    items: Rows,
    best: Rows,
    keys: NDArray[np.int64],
    scores: Float,
    filled: int,
) -> int:
    """Do as `moved_out` where few of all items were reached: those that the customers `best` have taken."""
    first = filled
    for neighbour in best:
        for item in items[offsets[neighbour] : offsets[neighbour + 1]]:
            if sums[item] != 0:
                keys[filled], scores[filled] = owner * len(sums) + item, sums[item]
                sums[item] = 0  # so that it is taken once
                filled += 1
    order = np.argsort(keys[first:filled])
    scores[first:filled], keys[first:filled] = scores[first:filled][order], keys[first:filled][order]
    return filled


@compiled
def alike(
    borders: Borders,
    positions: Rows,
    weights: Float,
    rarity: Float,
    things: NDArray[np.int64],
    strength: Float,
    similarity: Float,
    met: Rows,
) -> Rows:
    """Add up the cosines into `similarity` and return whom they belong to, rising.

    Args:
        borders: int64 [N + 2], with `positions` and `weights` as in `Takers.index`.
        positions: int32 [P], takers of each item.
        weights: float32 [P], what each taker's item weighs, not negative.
        rarity: float32 [N + 1], positive.
        things: int64 [H], distinct items that the customers are compared by.
        strength: float32 [H], how much each of those counts, not negative.
        similarity: float32 [U], `UNMET` throughout; filled here, for the caller to set back.
        met: int32 [U], room to work in.
    """
    length, pairs = np.float32(0), 0
    for place in range(len(things)):
        length += (strength[place] * rarity[things[place]]) ** 2
        pairs += borders[things[place] + 1] - borders[things[place]]
    if DENSE * pairs >= len(similarity):
        return _alike_of_all(borders, positions, weights, rarity, things, strength, similarity, met, length)
    size = 0
    for place in range(len(things)):
        thing = things[place]
        part = strength[place] * rarity[thing] / max(np.sqrt(length), np.float32(1e-9))
        for at in range(borders[thing], borders[thing + 1]):
            if similarity[positions[at]] == UNMET:
                met[size] = positions[at]
                size += 1
                similarity[positions[at]] = 0
            similarity[positions[at]] += part * weights[at]
    return np.sort(met[:size])


@compiled
def _alike_of_all(
    borders: Borders,
    positions: Rows,
    weights: Float,
    rarity: Float,
    things: NDArray[np.int64],
    strength: Float,
    similarity: Float,
    met: Rows,
    length: np.float32,
) -> Rows:
    """Do the same where many are met: without asking each time who is met anew."""
    similarity[:] = 0
    takers = positions.view(np.uint32)
    for place in range(len(things)):
        thing = things[place]
        part = strength[place] * rarity[thing] / max(np.sqrt(length), np.float32(1e-9))
        own = slice(borders[thing], borders[thing + 1])
        add_row(similarity, takers[own], weights[own], part)
    size = 0
    for position in range(len(similarity)):
        met[size] = position
        size += similarity[position] > 0
        if not similarity[position] > 0:
            similarity[position] = UNMET
    return met[:size].copy()
