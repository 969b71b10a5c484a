"""Replay: the log thinned out to a log of the new policy.

Li, Chu, Langford and Wang 2011, https://arxiv.org/abs/1003.5956, keep the impressions in which a uniformly random log
shows what the policy would have shown. For a log that is not uniform an impression is kept with a probability in
proportion to its weight (rejection sampling: Dudik, Erhan, Langford and Li 2012, https://arxiv.org/abs/1210.4862),
which is the same for a uniform one. What is kept is a sample of the new policy, and judged by its plain mean.
"""

from dataclasses import replace

import numpy as np

from shortlist_training.errors import OverlapError
from shortlist_training.offpolicy.comparison import Comparison
from shortlist_training.offpolicy.estimate import Estimate
from shortlist_training.offpolicy.intervals import NORMAL, Certainty, interval_of_mean
from shortlist_training.offpolicy.overlap import LEAST_SAMPLE, checked_overlap


def replay(comparison: Comparison, certainty: Certainty) -> Estimate:
    """Return the mean reward of the impressions that are kept, with a normal interval whatever was asked for.

    Of the few that are kept, percentiles of resamples hold the truth too rarely: see docs/decisions/0031.

    Raises:
        OverlapError: The log does not allow it, or too few impressions are kept.
    """
    weights = comparison.whole
    checked_overlap("replay", weights[:, None])
    dice = np.random.default_rng([certainty.seed, 1]).random(len(weights))
    kept = comparison.totals[dice * weights.max() < weights]
    if len(kept) < LEAST_SAMPLE:
        problem = f"{len(kept)} of {len(weights):,} impressions are kept; at least {LEAST_SAMPLE} are needed"
        raise OverlapError(f"replay: the log tells too little of this policy: {problem}")
    return Estimate(
        estimator="replay", value=float(kept.mean()), interval=interval_of_mean(kept, replace(certainty, kind=NORMAL)),
        sample=float(len(kept)), count=len(weights),
    )  # fmt: skip
