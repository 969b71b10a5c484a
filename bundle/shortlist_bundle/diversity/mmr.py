"""Maximal marginal relevance: each next item is relevant and unlike the nearest of those before it.

Carbonell and Goldstein 1998, https://doi.org/10.1145/290941.291025.
"""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.likeness import Rows, fill_likeness
from shortlist_bundle.diversity.method import Pool
from shortlist_bundle.diversity.rules import Rules, next_place, take_place


class Mmr:
    """See `Method`: the gain is (1 - s) relevance - s likeness to the nearest item before, in [0, 1]."""

    def __call__(self, pool: Pool, rules: Rules, *, strength: float, k: int) -> NDArray[np.int64]:
        """See `Method`."""
        return _picked(pool.relevance, pool.likeness.rows(pool.items), rules, strength, k)


@compiled
def _picked(relevance: NDArray[np.float64], rows: Rows, rules: Rules, strength: float, k: int) -> NDArray[np.int64]:
    count = len(relevance)
    picked, taken = np.empty(k, np.int64), np.zeros(count, np.bool_)
    spread, likeness = np.zeros(rows.width, np.float32), np.empty(count, np.float32)
    nearest, gains = np.zeros(count, np.float32), np.empty(count)
    for rank in range(k):
        for place in range(count):
            gains[place] = (1.0 - strength) * relevance[place] - strength * nearest[place]
        chosen = next_place(gains, rules, taken, k - rank)
        picked[rank] = chosen
        take_place(chosen, rules, taken)
        fill_likeness(chosen, rows, spread, likeness)
        for place in range(count):
            nearest[place] = max(nearest[place], likeness[place])
    return picked
