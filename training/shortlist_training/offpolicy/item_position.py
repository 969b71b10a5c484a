"""The item-position form: what comes of an item depends on it and its position, and on nothing else of the slate.

IIPS of Li, Abbasi-Yadkori, Kveton, Muthukrishnan, Vinay and Wen 2018, https://arxiv.org/abs/1804.10488. Its weights are
ratios of marginal probabilities, of an item at a position whatever stands above. Where the assumption does not hold, it
is biased, and its interval says nothing of that.
"""

import numpy as np

from shortlist_training.errors import OverlapError
from shortlist_training.offpolicy.comparison import Comparison
from shortlist_training.offpolicy.estimate import Estimate
from shortlist_training.offpolicy.intervals import Certainty, interval_of_mean
from shortlist_training.offpolicy.overlap import checked_overlap


def iips(comparison: Comparison, certainty: Certainty) -> Estimate:
    """Return the mean over slates of all rewards, each weighted for its own position alone.

    Raises:
        OverlapError: There are no marginal probabilities, or the log does not allow it.
    """
    logged, new = comparison.logged_marginal, comparison.new_marginal
    if comparison.shown.shape[1] == 1:
        logged, new = comparison.logged, comparison.new
    if logged is None or new is None:
        raise OverlapError(
            "iips: needs the column marginal_probability of both the log and the policy: a probability given the items "
            "above it is another one"
        )
    weights = np.where(comparison.shown, new / np.where(comparison.shown, logged, 1.0), 1.0)
    overlap = checked_overlap("iips", weights)
    terms = (weights * comparison.rewards).sum(axis=1)
    return Estimate(
        estimator="iips", value=float(terms.mean()), interval=interval_of_mean(terms, certainty),
        sample=overlap.sample, count=overlap.count,
    )  # fmt: skip
