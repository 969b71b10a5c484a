"""Places of a shortlist that some sources have nothing for, handed on to those that have more.

Of a stranger most sources know nothing: a shortlist by depths that were learnt on customers with a past would be nearly
empty, and the scorer would have nothing to choose from.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.merge import present, rows_with_fewer
from shortlist_bundle.sources.scoreboard import Items, Mask, Scoreboard

THIN = 0.5
"""A shortlist is thin where the sources propose less than this share of what they may."""


def hand_on(lists: Mapping[str, Items], boards: Mapping[str, Scoreboard], allowed: Mask) -> Mapping[str, Items]:
    """Let the sources that gave all they may give more to thin shortlists, in the shares that they had.

    They get the whole depths of those that did not, so that what a customer gets depends on nobody else in the batch.

    Args:
        lists: source -> int32 [B, depth], its best allowed items, 0 where it has nothing more.
        boards: of the same sources.
        allowed: bool [B, N + 1].

    Returns:
        The lists, wider where shortlists were thin; the same object where none was.
    """
    # Nearly always there is nothing to do, and this look says so.
    every = np.concatenate(list(lists.values()), axis=1)
    if not len(rows_with_fewer(every, THIN * every.shape[1])):
        return lists
    depths = np.array([items.shape[1] for items in lists.values()])
    proposed = np.stack([present(items) for items in lists.values()], axis=1)
    able = (proposed == depths) & (depths > 0)
    thin = (proposed.sum(axis=1) < THIN * depths.sum()) & able.any(axis=1)
    if not thin.any():
        return lists
    names, deeper = list(lists), dict(lists)
    for those in np.unique(able[thin], axis=0):
        rows = thin & (able == those).all(axis=1)
        for source in np.flatnonzero(those):
            depth = int(depths[source] * depths.sum() / depths[those].sum())
            found, _ = boards[names[source]].best(depth, allowed & rows[:, None])
            deeper[names[source]] = _replaced(deeper[names[source]], found, rows)
    return deeper


def _replaced(items: Items, deeper: Items, rows: NDArray[np.bool_]) -> Items:
    """Return the lists of some customers taken from others, int32 [B, D] and [B, E]."""
    width = max(items.shape[1], deeper.shape[1])
    wide = np.zeros((len(items), width), np.int32)
    wide[:, : items.shape[1]] = items
    wide[rows, : deeper.shape[1]] = deeper[rows]
    return wide
