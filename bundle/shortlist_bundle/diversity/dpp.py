"""A determinantal point process: sets are likely when their items are relevant and span a large volume.

The greedy search for the likeliest set updates a Cholesky factor item by item, after Chen, Zhang and Zhou 2018, "Fast
greedy MAP inference for determinantal point process", https://arxiv.org/abs/1709.05135.
"""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.likeness import Rows, fill_likeness
from shortlist_bundle.diversity.method import Pool
from shortlist_bundle.diversity.rules import Rules, next_place, take_place

OWN = 0.01
"""Share of an item that is like no other: without it the volume of two clones would be 0, and its logarithm nothing
that could be compared. It bounds every squared distance from below."""


class Dpp:
    """See `Method`: the gain is (1 - s) relevance + s log(squared distance from the span of the items before).

    That is the paper's kernel with the quality exp((1 - s) / (2 s) relevance), its logarithm multiplied by s.
    """

    def __call__(self, pool: Pool, rules: Rules, *, strength: float, k: int) -> NDArray[np.int64]:
        """See `Method`."""
        return _picked(pool.relevance, pool.likeness.rows(pool.items), rules, strength, k)


@compiled
def _picked(relevance: NDArray[np.float64], rows: Rows, rules: Rules, strength: float, k: int) -> NDArray[np.int64]:
    count = len(relevance)
    picked, taken = np.empty(k, np.int64), np.zeros(count, np.bool_)
    spread, likeness = np.zeros(rows.width, np.float32), np.empty(count, np.float32)
    factor, distance, gains = np.empty((k, count)), np.ones(count), np.empty(count)
    for rank in range(k):
        for place in range(count):
            gains[place] = (1.0 - strength) * relevance[place] + strength * np.log(max(distance[place], OWN))
        chosen = next_place(gains, rules, taken, k - rank)
        picked[rank] = chosen
        take_place(chosen, rules, taken)
        fill_likeness(chosen, rows, spread, likeness)
        # The new row of the Cholesky factor: e_i = (L_ji - <c_j, c_i>) / d_j, and d_i^2 falls by its square.
        new = factor[rank]
        for place in range(count):
            new[place] = (1.0 - OWN) * likeness[place]
        for before in range(rank):
            share = factor[before, chosen]
            for place in range(count):
                new[place] -= share * factor[before, place]
        root = np.sqrt(max(distance[chosen], OWN))
        for place in range(count):
            new[place] /= root
            distance[place] -= new[place] * new[place]
    return picked
