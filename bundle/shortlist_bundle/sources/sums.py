"""What the items of a history add up to, through a sparse matrix of weights between items."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.top import best_places


@compiled
def summed(
    indptr: NDArray[np.integer],
    neighbours: NDArray[np.int32],
    weights: NDArray[np.float32],
    keys: NDArray[np.int64],
    strength: NDArray[np.float32],
    width: int,
    count: int,
    limit: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return what the neighbours of each owner's `limit` strongest things add up to, by key `owner * width + item`."""
    sums = np.zeros(width, np.float32)
    most = np.diff(indptr).max() * limit
    room = count * min(most, width) + 1
    found, scores, filled = np.empty(room, np.int64), np.empty(room, np.float32), 0
    items, values = np.empty(min(most, width), np.int32), np.empty(min(most, width), np.float32)
    start = 0
    for owner in range(count):
        stop = start
        while stop < len(keys) and keys[stop] < (owner + 1) * width:
            stop += 1
        strongest = np.arange(stop - start)
        if stop - start > limit:
            strongest = best_places(keys[start:stop] - owner * width, strength[start:stop], limit)
            strongest.sort()  # the order of the sums does not depend on how strong each is
        reached = 0
        for place in strongest:
            thing, share = keys[start + place] - owner * width, strength[start + place]
            for position in range(indptr[thing], indptr[thing + 1]):
                sums[neighbours[position]] += share * weights[position]
            reached += indptr[thing + 1] - indptr[thing]
        if 8 * reached > width:
            # Looking at every item is less work than sorting those that were reached.
            for item in range(width):
                found[filled], scores[filled] = owner * width + item, sums[item]
                filled += sums[item] != 0
            sums[:] = 0
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
