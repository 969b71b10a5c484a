"""How much a log tells of another policy, and the refusal to judge where that is too little."""

from dataclasses import dataclass

import numpy as np

from shortlist_training.errors import OverlapError
from shortlist_training.offpolicy.comparison import Matrix, Vector

LEAST_SAMPLE = 100
"""Effective sample size below which intervals no longer hold what they promise: see docs/decisions/0031."""
LEAST_MASS = 0.95
"""Share of what the new policy shows that the log has to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """What the weights of N impressions say.

    Attributes:
        sample: effective sample size, `(sum w)^2 / sum w^2` (Kish 1965): so many impressions of the policy itself would
            tell as much.
        mass: mean weight. Its expectation is the share of what the new policy shows that the log can show too.
        error: standard error of the mean weight.
        count: impressions, N.
    """

    sample: float
    mass: float
    error: float
    count: int


def overlap_of(weights: Vector) -> Overlap:
    """Return what weights, float64 [N], say."""
    total, squares = float(weights.sum()), float(np.square(weights).sum())
    error = float(weights.std(ddof=1) / np.sqrt(len(weights))) if len(weights) > 1 else 0.0
    return Overlap(
        sample=total * total / squares if squares > 0 else 0.0,
        mass=total / len(weights),
        error=error,
        count=len(weights),
    )


def checked_overlap(estimator: str, weights: Matrix) -> Overlap:
    """Return the worst overlap of the columns of weights, float64 [N, K].

    Raises:
        OverlapError: The effective sample is too small, or the log never shows much of what the policy would.
    """
    worst = min((overlap_of(column) for column in weights.T), key=lambda one: one.sample)
    figures = f"{worst.sample:.1f} of {worst.count:,} impressions"
    if worst.sample < LEAST_SAMPLE:
        problem = f"the effective sample size is {figures}; at least {LEAST_SAMPLE} are needed"
        raise OverlapError(f"{estimator}: the log tells too little of this policy: {problem}")
    for column in weights.T:
        one = overlap_of(column)
        if one.mass + 3.0 * one.error < LEAST_MASS:
            known = f"{one.mass:.2f} ± {one.error:.2f} of what it shows"
            problem = (
                f"the log knows {known}; at least {LEAST_MASS:g} is needed, and no weighting can stand in for the rest"
            )
            raise OverlapError(f"{estimator}: the log tells too little of this policy: {problem}")
    return worst
