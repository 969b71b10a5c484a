"""By how many places the rules of a list (diversity, caps, quotas, serendipity) moved its items."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Ranked


def moves(best: Ranked, picked: Ranked) -> NDArray[np.int32]:
    """Return how many places up each item of finished lists was moved, int32 [B, k]; negative for down.

    Args:
        best: B lists by score alone, long enough to hold every item of the finished ones.
        picked: the finished lists of k.
    """
    moved = np.zeros(picked.items.shape, np.int32)
    for row, (before, after) in enumerate(zip(best.items, picked.items, strict=True)):
        order = np.argsort(before, kind="stable")
        places = order[np.minimum(np.searchsorted(before, after, sorter=order), len(before) - 1)]
        there = (before[places] == after) & (after > 0)
        moved[row] = np.where(there, places - np.arange(len(after)), 0)
    return moved
