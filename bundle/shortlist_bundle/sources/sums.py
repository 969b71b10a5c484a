"""What the items of a history add up to, through a sparse matrix of weights between items."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.top import best_places

Float = NDArray[np.float32]
LINE = 16
"""Numbers of four bytes that come from memory at once."""
CALLED = 4096
"""Weights that are called at once: with their places they fit into the nearest cache."""
DENSE = 8
"""Of so many items one must be reached for a look at all of them to be less work than sorting those that were reached.
"""


@compiled
def summed(
    indptr: NDArray[np.integer],
    neighbours: NDArray[np.int32],
    weights: Float,
    keys: NDArray[np.int64],
    strength: Float,
    width: int,
    count: int,
    limit: int,
) -> tuple[NDArray[np.int64], Float]:
    """Return what the neighbours of each owner's `limit` strongest things add up to, by key `owner * width + item`."""
    sums = np.zeros(width, np.float32)
    # As numbers without a sign: the compiler would ask of each of the others whether it counts from the end.
    rows = neighbours.view(np.uint32)
    room, most = _room(indptr, keys, width, count)
    found, scores, filled = np.empty(room, np.int64), np.empty(room, np.float32), 0
    items, values = np.empty(most, np.int32), np.empty(most, np.float32)
    start = 0
    for owner in range(count):
        stop = start
        while stop < len(keys) and keys[stop] < (owner + 1) * width:
            stop += 1
        strongest = np.arange(stop - start)
        if stop - start > limit:
            strongest = best_places(keys[start:stop] - owner * width, strength[start:stop], limit)
            strongest.sort()  # the order of the sums does not depend on how strong each is
        reached, called = 0, 0
        for number in range(len(strongest)):
            if number == called:
                called = call_rows(indptr, rows, weights, keys[start:stop], owner * width, strongest, called)
            thing = keys[start + strongest[number]] - owner * width
            own = slice(indptr[thing], indptr[thing + 1])
            add_row(sums, rows[own], weights[own], strength[start + strongest[number]])
            reached += indptr[thing + 1] - indptr[thing]
        if DENSE * reached > width:
            filled = moved_out(sums, owner, found, scores, filled)
        else:
            size = 0
            for place in strongest:
                thing = keys[start + place] - owner * width
                for item in neighbours[indptr[thing] : indptr[thing + 1]]:
                    if sums[item] != 0:
                        items[size], values[size] = item, sums[item]
                        sums[item] = 0  # so that it is taken once
                        size += 1
            for position in np.argsort(items[:size]):
                found[filled], scores[filled] = owner * width + items[position], values[position]
                filled += 1
        start = stop
    return found[:filled], scores[:filled]


@compiled
def _room(indptr: NDArray[np.integer], keys: NDArray[np.int64], width: int, count: int) -> tuple[int, int]:
    """Return how many items all owners together reach at most, and how many one of them."""
    total, most, place = 1, 1, 0
    for owner in range(count):
        reached = 0
        while place < len(keys) and keys[place] < (owner + 1) * width:
            thing = keys[place] - owner * width
            reached += indptr[thing + 1] - indptr[thing]
            place += 1
        most = max(most, min(reached, width))
        total += min(reached, width)
    return total, most


@compiled
def call_rows(
    indptr: NDArray[np.integer],
    places: NDArray[np.uint32],
    weights: Float,
    keys: NDArray[np.int64],
    first: int,
    order: NDArray[np.int64],
    called: int,
) -> int:
    """Look at some of the next rows, a glance at each piece of the cache's size, and return how many were looked at.

    A row that is far away in memory takes long to come. Glances do not wait for each other as sums do: all of a group's
    rows come at once.
    """
    glanced, seen, spoken = np.uint32(0), np.float32(0), 0
    while called < len(order) and spoken < CALLED:
        thing = keys[order[called]] - first
        for position in range(indptr[thing], indptr[thing + 1], LINE):
            glanced |= places[position]
            seen = max(seen, weights[position])
        spoken += indptr[thing + 1] - indptr[thing]
        called += 1
    # So that the glances are not left out as idle: no sum is ever so large.
    return called if glanced < np.uint32(0xFFFFFFFF) or seen < np.float32(3e38) else -1


@compiled
def add_row(sums: Float, places: NDArray[np.uint32], weights: Float, share: float) -> None:
    """Add `share` times each weight to the sum at its place."""
    for position in range(len(places)):
        sums[places[position]] += share * weights[position]


@compiled
def moved_out(sums: Float, owner: int, keys: NDArray[np.int64], scores: Float, filled: int) -> int:
    """Append one owner's sums that are not 0 to keys `owner * width + item` and scores; return how many there now are.

    Args:
        sums: float32 [N + 1], set back to 0.
        owner: batch row.
        keys: int64, room for one more than there are sums that are not 0.
        scores: float32, likewise.
        filled: how many there are already.
    """
    for item in range(len(sums)):
        # Written in any case, and kept or written over: nobody can foretell which items were reached.
        keys[filled], scores[filled] = owner * len(sums) + item, sums[item]
        filled += sums[item] != 0
    sums[:] = 0
    return filled
