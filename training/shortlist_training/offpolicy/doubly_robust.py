"""Doubly robust estimates: a model of the reward, and weights for what it misses.

For slates of one item Dudik, Langford and Li 2011, https://arxiv.org/abs/1103.4601; for longer ones the cascade form of
Kiyohara, Saito, Matsuhiro, Narita, Shimizu and Yamamoto 2022, https://arxiv.org/abs/2202.01562, which is the same for
one. The model is fitted on other slates than it is applied to, so the estimate is unbiased however poor it is.
"""

import numpy as np
from numpy.typing import NDArray

from shortlist_training.errors import OverlapError
from shortlist_training.offpolicy.comparison import Comparison, Matrix, Vector
from shortlist_training.offpolicy.estimate import Estimate
from shortlist_training.offpolicy.intervals import Certainty, interval_of_mean
from shortlist_training.offpolicy.overlap import checked_overlap
from shortlist_training.offpolicy.reward_model import expected_rewards


def doubly_robust(comparison: Comparison, certainty: Certainty) -> Estimate:
    """Return the mean over slates of what the model expects of the new policy, mended by the weighted rest.

    Its name is "dr" for slates of one item, and "cascade_dr" for longer ones.

    Raises:
        OverlapError: The policy does not say all it might show, or the log does not allow it.
    """
    name = "dr" if comparison.shown.shape[1] == 1 else "cascade_dr"
    if comparison.offers is None:
        raise OverlapError(f"{name}: needs every item that the policy might show, not only those that the log has")
    overlap = checked_overlap(name, comparison.cumulative)
    terms = doubly_robust_terms(comparison, *expected_rewards(comparison))
    return Estimate(
        estimator=name, value=float(terms.mean()), interval=interval_of_mean(terms, certainty), sample=overlap.sample,
        count=overlap.count,
    )  # fmt: skip


def doubly_robust_terms(comparison: Comparison, model: Matrix, folds: NDArray[np.int64]) -> Vector:
    """Return the estimate of each slate, float64 [N].

    Args:
        comparison: with offers.
        model: float64 [folds, K * A], what is expected of each of A items at a position and of everything below it.
        folds: int64 [N], which row of the model a slate is judged by.
    """
    offers = comparison.offers
    if offers is None:
        raise ValueError("doubly robust terms need the policy's offers")
    count, positions = comparison.shown.shape
    items = model.shape[1] // positions
    columns = np.arange(positions)
    own = model[folds[:, None], columns * items + comparison.items] * comparison.shown
    promised = model[folds[offers.slates], offers.positions * items + offers.items] * offers.probabilities
    cells = offers.slates * positions + offers.positions
    expected = np.bincount(cells, promised, minlength=count * positions).reshape(count, positions) * comparison.shown
    weights = comparison.cumulative
    above = np.column_stack([np.ones(count), weights[:, :-1]])
    return (weights * (comparison.rewards - own) + above * expected).sum(axis=1)
