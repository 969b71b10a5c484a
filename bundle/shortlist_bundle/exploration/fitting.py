"""Which candidates may come next in a list, as the loops of the policies ask."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.rules import Rules, fits


@compiled
def fill_fitting(rules: Rules, taken: NDArray[np.bool_], left: int, fitting: NDArray[np.bool_]) -> bool:
    """Mark the candidates that may come next; where no one keeps the rules, all that are left. Return whether one does.

    From slot to slot the marked ones only get fewer, but for the one moment at which the rules have to be given up.

    Args:
        rules: with the room that is left.
        taken: bool [K].
        left: how many items the list still needs, this one included.
        fitting: bool [K], filled.
    """
    waiting, found = 0, False
    for place in range(len(taken)):
        waiting += rules.reserved[place] and not taken[place]
    if not waiting and not len(rules.room):
        # Nothing is ruled, as in most lists: asking for each candidate takes ten times as long.
        for place in range(len(taken)):
            fitting[place] = not taken[place]
        return True
    for place in range(len(taken)):
        fitting[place] = not taken[place] and fits(place, rules, waiting >= left)
        found |= fitting[place]
    if not found:
        for place in range(len(taken)):
            fitting[place] = not taken[place]
    return found


@compiled
def first_of(queue: NDArray[np.int64], fitting: NDArray[np.bool_]) -> int:
    """Return the first of a queue that may come next."""
    for place in queue:
        if fitting[place]:
            return int(place)
    return -1


@compiled
def highest_of(values: NDArray[np.float64], fitting: NDArray[np.bool_]) -> int:
    """Return which of those that may come next has the highest value, the first of equal ones; NaN counts lowest."""
    best = -1
    for place in range(len(values)):
        if fitting[place] and (best < 0 or values[place] > values[best]):
            best = place
    return best
