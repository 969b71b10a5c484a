"""What each item of a history adds to what the neighbours tell of a few given items: `alike`, taken apart."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.alike import UNMET, Borders, Float, Rows, Takers, alike
from shortlist_bundle.sources.top import best_places


def told_by_history(
    takers: Takers,
    keys: NDArray[np.int64],
    strength: Float,
    rows: Rows,
    listed: Rows,
    *,
    neighbours: int,
    focus: float,
) -> Float:
    """Return what each item of the owners' histories adds to the scores of `told_by_neighbours`, float32 [P, k].

    Args:
        takers: the customers who can be neighbours.
        keys: int64 [P], `owner * width + item`, rising; what the owners are compared by.
        strength: float32 [P], how much each of those counts.
        rows: int32 [B], the owners' customer rows; 0 for a stranger.
        listed: int32 [B, k], the items that are told of; 0 for none.
        neighbours: so many are asked.
        focus: power of the similarity.
    """
    return _told_of(
        *takers.index, takers.customers, takers.offsets, takers.items, takers.says, takers.rarity, keys, strength,
        rows, listed, neighbours, focus,
    )  # fmt: skip


@compiled
def _told_of(
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
    listed: Rows,
    neighbours: int,
    focus: float,
) -> Float:
    width, start = len(rarity), 0
    similarity, met = np.full(len(customers), UNMET, np.float32), np.empty(len(customers), np.int32)
    chosen = np.full(len(customers), -1, np.int64)
    added = np.zeros((len(keys), listed.shape[1]), np.float32)
    for owner in range(len(rows)):
        stop = start
        while stop < len(keys) and keys[stop] < (owner + 1) * width:
            stop += 1
        things, own = keys[start:stop] - owner * width, strength[start:stop]
        near = alike(borders, positions, weights, rarity, things, own, similarity, met)
        for place in range(len(near)):
            if customers[near[place]] == rows[owner] and rows[owner] > 0:
                similarity[near[place]] = 0
        best = near[best_places(near, similarity[near], neighbours)]
        parts = _parts(offsets, items, says, similarity[best], best, listed[owner], focus)
        for place in range(len(best)):
            chosen[best[place]] = place
        length = np.float32(0)
        for place in range(len(things)):
            length += (own[place] * rarity[things[place]]) ** 2
        for place in range(len(things)):
            part = own[place] * rarity[things[place]] / max(np.sqrt(length), np.float32(1e-9))
            for at in range(borders[things[place]], borders[things[place] + 1]):
                neighbour = chosen[positions[at]]
                if neighbour >= 0 and similarity[positions[at]] > 0:
                    share = part * weights[at] / similarity[positions[at]]
                    for column in range(listed.shape[1]):
                        added[start + place, column] += share * parts[neighbour, column]
        chosen[best] = -1
        similarity[near] = UNMET
        start = stop
    return added


@compiled
def _parts(
    offsets: Borders, items: Rows, says: Float, similarity: Float, best: Rows, listed: Rows, focus: float
) -> Float:
    """Return what each neighbour says of each listed item, float32 [neighbours, k]."""
    parts = np.zeros((len(best), len(listed)), np.float32)
    total = np.float32(0)
    for place in range(len(best)):
        total += similarity[place] ** np.float32(focus)
    for place in range(len(best)):
        share = similarity[place] ** np.float32(focus) / max(total, np.float32(1e-30))
        first, last = offsets[best[place]], offsets[best[place] + 1]
        for column in range(len(listed)):
            at = first + np.searchsorted(items[first:last], listed[column])
            if at < last and items[at] == listed[column] and listed[column] > 0:
                parts[place, column] = share * says[at]
    return parts
