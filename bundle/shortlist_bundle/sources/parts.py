"""What each item of a history adds to `sums.summed` for a few given items: the sum, taken apart."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.top import best_places


@compiled
def loudest(
    keys: NDArray[np.int64], strength: NDArray[np.float32], width: int, count: int, limit: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return each owner's `limit` strongest things, keys rising: those that `summed` lets speak."""
    kept, size = np.empty(len(keys), np.int64), 0
    for owner in range(count):
        start, stop = np.searchsorted(keys, owner * width), np.searchsorted(keys, (owner + 1) * width)
        best = best_places(keys[start:stop] - owner * width, strength[start:stop], limit)
        best.sort()
        kept[size : size + len(best)] = start + best
        size += len(best)
    return keys[kept[:size]], strength[kept[:size]]


@compiled
def parts(
    indptr: NDArray[np.integer],
    neighbours: NDArray[np.int32],
    weights: NDArray[np.float32],
    keys: NDArray[np.int64],
    strength: NDArray[np.float32],
    width: int,
    items: NDArray[np.int32],
) -> NDArray[np.float32]:
    """Return what each thing adds to the scores of its owner's items.

    Args:
        indptr: [N + 2], borders of each item's row of weights.
        neighbours: int32 [Z], item rows.
        weights: float32 [Z], of either sign.
        keys: int64 [P], `owner * width + thing`, rising.
        strength: float32 [P], how much each thing counts.
        width: number of items plus one.
        items: int32 [B, k], item rows, 0 for none.

    Returns:
        float32 [P, k].
    """
    amounts = np.zeros((len(keys), items.shape[1]), np.float32)
    place = 0
    for owner in range(len(items)):
        order = np.argsort(items[owner])
        rising = items[owner][order]
        while place < len(keys) and keys[place] < (owner + 1) * width:
            thing = keys[place] - owner * width
            for position in range(indptr[thing], indptr[thing + 1]):
                neighbour = neighbours[position]
                found = np.searchsorted(rising, neighbour)
                while found < len(rising) and rising[found] == neighbour and neighbour > 0:
                    amounts[place, order[found]] += strength[place] * weights[position]
                    found += 1
            place += 1
    return amounts
