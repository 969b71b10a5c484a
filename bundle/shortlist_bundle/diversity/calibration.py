"""Calibrated lists: their mix of categories follows the mix of the customer's own history.

Steck 2018, "Calibrated recommendations", https://doi.org/10.1145/3240323.3240372.
"""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.grouping import Grouping
from shortlist_bundle.diversity.method import Pool
from shortlist_bundle.diversity.rules import Rules, next_place, take_place

SMOOTHING = 0.01
"""The paper's alpha: the list's mix gets so much of the history's, so that the divergence is always finite."""


class Calibration:
    """See `Method`: the list's value is (1 - s) mean relevance - s KL(history's mix || list's mix).

    The mean where the paper has the sum: so a strength means the same in the first rank as in the last, and in lists
    of any length. Who has taken nothing with a category gets the order of relevance.

    Args:
        column: all items by the attribute whose mix is followed.
    """

    def __init__(self, column: Grouping) -> None:
        self.column = column

    def __call__(self, pool: Pool, rules: Rules, *, strength: float, k: int) -> NDArray[np.int64]:
        """See `Method`."""
        mix = mix_of(self.column.of(pool.history), pool.strengths)
        return _picked(pool.relevance, self.column.of(pool.items), mix, rules, strength, k)


def mix_of(column: Grouping, strengths: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the share of each value among weighted items, float64 [width]; zeros where no item has any.

    An item of several values counts for each of them in equal parts.
    """
    counts = np.diff(column.offsets)
    owners = np.repeat(np.arange(len(counts)), counts)
    shares = np.bincount(column.groups, weights=strengths[owners] / counts[owners], minlength=column.width)
    total = shares.sum()
    return shares / total if total > 0 else shares.astype(np.float64)


@compiled
def divergence(mix: NDArray[np.float64], shares: NDArray[np.float64]) -> float:
    """Return KL(mix || shares smoothed with the mix) in nats: 0 for equal mixes; both float64 [width]."""
    total = 0.0
    for group in range(len(mix)):
        if mix[group] > 0:
            total += _term(mix[group], shares[group])
    return total


@compiled
def _term(wanted: float, share: float) -> float:
    return wanted * np.log(wanted / ((1.0 - SMOOTHING) * share + SMOOTHING * wanted))


@compiled
def _picked(
    relevance: NDArray[np.float64],
    column: Grouping,
    mix: NDArray[np.float64],
    rules: Rules,
    strength: float,
    k: int,
) -> NDArray[np.int64]:
    count = len(relevance)
    picked, taken = np.empty(k, np.int64), np.zeros(count, np.bool_)
    listed, gains = np.zeros(len(mix)), np.empty(count)
    for rank in range(k):
        length = rank + 1.0
        without = divergence(mix, listed / length)
        for place in range(count):
            change = 0.0
            start, stop = column.offsets[place], column.offsets[place + 1]
            for entry in range(start, stop):
                group = column.groups[entry]
                if mix[group] > 0:
                    more = listed[group] + 1.0 / (stop - start)
                    change += _term(mix[group], more / length) - _term(mix[group], listed[group] / length)
            gains[place] = (1.0 - strength) * relevance[place] - strength * length * (without + change)
        chosen = next_place(gains, rules, taken, k - rank)
        picked[rank] = chosen
        take_place(chosen, rules, taken)
        start, stop = column.offsets[chosen], column.offsets[chosen + 1]
        for entry in range(start, stop):
            listed[column.groups[entry]] += 1.0 / (stop - start)
    return picked
