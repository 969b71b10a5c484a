"""Inverse propensity scoring with weights cut off at a bound.

What is cut off is lost, so the estimate is too low for rewards that are never negative; by how much is bounded by the
weight that is missing: its mean is 1, so 1 less the mean of the clipped weights, times the highest reward, is the most
that the lost part can have earned (Bottou et al. 2013, https://jmlr.org/papers/v14/bottou13a.html, section 4.4). The
interval reaches up by that, and so holds for the policy itself, also where the log never shows some of it. Clipped
terms are bounded (by the highest reward seen), which is what empirical Bernstein bounds need: they hold at every number
of impressions, and are wide.
"""

import numpy as np

from shortlist_training.errors import OverlapError
from shortlist_training.offpolicy.comparison import Comparison
from shortlist_training.offpolicy.estimate import Estimate
from shortlist_training.offpolicy.intervals import BERNSTEIN, Certainty, Interval, bernstein_bounds
from shortlist_training.offpolicy.overlap import LEAST_SAMPLE, overlap_of

BOUND = 10.0
"""Weights are cut off here."""


def clipped_ips(comparison: Comparison, certainty: Certainty) -> Estimate:
    """Return the mean of reward times clipped weight, with the interval of the policy's own reward.

    Raises:
        OverlapError: The effective sample is too small, or rewards can be negative.
    """
    rewards = comparison.totals
    if rewards.min() < 0:
        raise OverlapError("clipped_ips: rewards below 0, of which what is clipped cannot be bounded")
    weights = np.minimum(comparison.whole, BOUND)
    overlap = overlap_of(weights)
    if overlap.sample < LEAST_SAMPLE:
        problem = f"{overlap.sample:.1f} of {overlap.count:,} impressions; at least {LEAST_SAMPLE} are needed"
        raise OverlapError(f"clipped_ips: the log tells too little of this policy: an effective sample of {problem}")
    terms, most = weights * rewards, max(float(rewards.max()), 1e-12)
    # Half of the error is spent on each of the two bounds.
    confidence = 0.5 + certainty.confidence / 2
    low, high = bernstein_bounds(terms, BOUND * most, confidence)
    missing = 1.0 - bernstein_bounds(weights, BOUND, confidence)[0]
    interval = Interval(low=max(low, 0.0), high=high + most * max(missing, 0.0), kind=BERNSTEIN)
    return Estimate(
        estimator="clipped_ips", value=float(terms.mean()), interval=interval, sample=overlap.sample,
        count=overlap.count,
    )  # fmt: skip
