"""How much of a difference between two methods is chance: the paired bootstrap over customers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean difference, and the bounds between which 95 % of the resampled ones lie."""

    difference: float
    low: float
    high: float


def paired_interval(
    one: NDArray[np.float64], other: NDArray[np.float64], *, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """Return the mean of `one - other` and its percentile interval.

    Customers are drawn with replacement, both methods' figures of a customer together (Efron and Tibshirani 1993, "An
    introduction to the bootstrap"; for rankings Sakai 2006, https://doi.org/10.1145/1148170.1148261).

    Args:
        one: [J], a figure of each customer.
        other: [J], the other method's, of the same customers in the same order.
        resamples: how often J customers are drawn.
        seed: of the draws.

    Raises:
        ValueError: The two are not of the same customers, or of none.
    """
    if one.shape != other.shape or one.ndim != 1 or not len(one):
        raise ValueError(f"figures of {one.shape} and {other.shape} customers cannot be paired")
    differences = one - other
    random = np.random.default_rng(seed)
    means = [differences[random.integers(0, len(one), len(one))].mean() for _ in range(resamples)]
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(differences.mean()), float(low), float(high))
