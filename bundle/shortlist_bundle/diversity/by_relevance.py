"""No method: the most relevant items that the rules allow."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.method import Pool
from shortlist_bundle.diversity.rules import Rules, next_place, take_place


class ByRelevance:
    """See `Method`; strength has no meaning."""

    def __call__(self, pool: Pool, rules: Rules, *, strength: float, k: int) -> NDArray[np.int64]:
        """See `Method`."""
        return _picked(pool.relevance, rules, k)


@compiled
def _picked(relevance: NDArray[np.float64], rules: Rules, k: int) -> NDArray[np.int64]:
    picked, taken = np.empty(k, np.int64), np.zeros(len(relevance), np.bool_)
    for rank in range(k):
        picked[rank] = next_place(relevance, rules, taken, k - rank)
        take_place(picked[rank], rules, taken)
    return picked
