"""Share the shortlist among the sources: whoever finds most that nobody else has found gets the next places.

Greedy maximisation of coverage (Nemhauser, Wolsey and Fisher 1978, https://doi.org/10.1007/BF01588971): within
1 - 1/e of the best allocation, and in practice nearer.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.sources.scoreboard import Items
from shortlist_training.evaluation.targets import Targets

BLOCK = 10


def share_budget(lists: Mapping[str, Items], targets: Targets, *, budget: int) -> dict[str, int]:
    """Return how many candidates each source may propose.

    Args:
        lists: source -> int32 [J, D], its best items on the tuning window, 0 where there is none.
        targets: of the same J customers.
        budget: mean number of distinct candidates wanted for one customer. What is left when no source finds more, as
            where few customers are asked, goes to the sources in turn, the least deep first: other customers will want
            something else. Fewer where the sources have nothing more, and none where none finds anything at all.
    """
    union = np.zeros((len(targets.rows), targets.width), np.bool_)
    depths = dict.fromkeys(lists, 0)
    rows = np.arange(len(targets.rows))[:, None]
    finds = {name: targets.hits(items) / targets.sizes[:, None] for name, items in lists.items()}
    while union.sum() < budget * len(union):
        gains = {
            name: _gain(items[:, depths[name] :], finds[name][:, depths[name] :], union)
            for name, items in lists.items()
        }
        best = max(gains, key=lambda name: gains[name])
        if not gains[best]:
            waiting = [name for name, items in lists.items() if items[:, depths[name] :].any()]
            # Where no source has found anything, nothing says who is to propose.
            if not waiting or not any(depths.values()):
                break
            best = min(waiting, key=lambda name: depths[name])
        union[rows, lists[best][:, depths[best] : depths[best] + BLOCK]] = True
        union[:, 0] = False
        depths[best] += BLOCK
    return depths


def _gain(items: Items, finds: NDArray[np.float64], union: NDArray[np.bool_]) -> float:
    """Return what the best run of next blocks finds per place, so that a barren block hides nothing behind it.

    Args:
        items: int32 [J, R], what is left of a source's list.
        finds: float64 [J, R], the share of the customer's targets that each place finds.
        union: bool [J, N + 1], what is there already: a place that repeats it costs nothing and finds nothing.
    """
    fresh = ~union[np.arange(len(items))[:, None], items] & (items > 0)
    costs, found = (np.cumsum((part * fresh).sum(axis=0)) for part in (np.ones_like(finds), finds))
    ends = [*range(BLOCK - 1, items.shape[1] - 1, BLOCK), items.shape[1] - 1]
    return float((found[ends] / np.maximum(costs[ends], 1)).max()) if items.shape[1] else 0.0
