"""Inverse propensity scoring of whole slates: plain, and self-normalised.

Horvitz and Thompson 1952, https://doi.org/10.1080/01621459.1952.10483446; for slates the weight is the product of the
ratios of all positions, so that nothing is assumed of how items of a slate act on each other.
"""

from shortlist_training.offpolicy.comparison import Comparison
from shortlist_training.offpolicy.estimate import Estimate
from shortlist_training.offpolicy.intervals import Certainty, interval_of_mean, interval_of_ratio
from shortlist_training.offpolicy.overlap import checked_overlap


def ips(comparison: Comparison, certainty: Certainty) -> Estimate:
    """Return the mean of reward times weight: unbiased.

    Raises:
        OverlapError: The log does not allow it.
    """
    weights = comparison.whole
    overlap = checked_overlap("ips", weights[:, None])
    terms = weights * comparison.totals
    return Estimate(
        estimator="ips", value=float(terms.mean()), interval=interval_of_mean(terms, certainty),
        sample=overlap.sample, count=overlap.count,
    )  # fmt: skip


def snips(comparison: Comparison, certainty: Certainty) -> Estimate:
    """Return the same over the mean weight: hardly biased, and steadier where weights differ much.

    Swaminathan and Joachims 2015, https://papers.nips.cc/paper/5748-the-self-normalized-estimator-for-counterfactual-learning.

    Raises:
        OverlapError: The log does not allow it.
    """
    weights = comparison.whole
    overlap = checked_overlap("snips", weights[:, None])
    terms = weights * comparison.totals
    return Estimate(
        estimator="snips", value=float(terms.sum() / weights.sum()),
        interval=interval_of_ratio(terms, weights, certainty), sample=overlap.sample, count=overlap.count,
    )  # fmt: skip
