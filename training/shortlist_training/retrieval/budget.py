"""Share the shortlist among the sources: whoever finds most that nobody else has found gets the next places.

Greedy maximisation of coverage (Nemhauser, Wolsey and Fisher 1978, https://doi.org/10.1007/BF01588971): within
1 - 1/e of the best allocation, and in practice nearer.
"""

from collections.abc import Mapping

import numpy as np

from shortlist_bundle.sources.scoreboard import Items
from shortlist_training.evaluation.targets import Targets

BLOCK = 10


def share_budget(lists: Mapping[str, Items], targets: Targets, *, budget: int) -> dict[str, int]:
    """Return how many candidates each source may propose.

    Args:
        lists: source -> int32 [J, D], its best items on the tuning window, 0 where there is none.
        targets: of the same J customers.
        budget: mean number of distinct candidates wanted for one customer.
    """
    union = np.zeros((len(targets.rows), targets.width), np.bool_)
    depths = dict.fromkeys(lists, 0)
    rows = np.arange(len(targets.rows))[:, None]
    weight = 1.0 / targets.sizes
    while union.sum() < budget * len(union):
        gains = {}
        for name, items in lists.items():
            block = items[:, depths[name] : depths[name] + BLOCK]
            if block.shape[1]:
                fresh = ~union[rows, block] & (block > 0)
                gain = ((targets.hits(block) & fresh).sum(axis=1) * weight).sum()
                # A place that repeats what is already there costs nothing.
                gains[name] = gain / max(fresh.sum(), 1)
        if not gains or not any(gains.values()):
            break
        best = max(gains, key=lambda name: gains[name])
        union[rows, lists[best][:, depths[best] : depths[best] + BLOCK]] = True
        union[:, 0] = False
        depths[best] += BLOCK
    return depths
