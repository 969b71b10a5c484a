"""The cascade form: what comes of an item depends on it and on those above it, not on those below.

RIPS of McInerney, Brost, Chandar, Mehrotra and Carterette 2020, https://arxiv.org/abs/2007.12986. A reward is weighted
for the slate down to its own position, so that the positions below add no variance to it.
"""

from shortlist_training.offpolicy.comparison import Comparison
from shortlist_training.offpolicy.estimate import Estimate
from shortlist_training.offpolicy.intervals import Certainty, interval_of_mean
from shortlist_training.offpolicy.overlap import checked_overlap


def rips(comparison: Comparison, certainty: Certainty) -> Estimate:
    """Return the mean over slates of all rewards, each weighted for the slate down to its position.

    Raises:
        OverlapError: The log does not allow it.
    """
    overlap = checked_overlap("rips", comparison.cumulative)
    terms = (comparison.cumulative * comparison.rewards).sum(axis=1)
    return Estimate(
        estimator="rips", value=float(terms.mean()), interval=interval_of_mean(terms, certainty),
        sample=overlap.sample, count=overlap.count,
    )  # fmt: skip
