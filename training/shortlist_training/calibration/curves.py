"""Pairs -> the curve that turns their logits into probabilities, as rich as their number allows."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.calibration import UNCALIBRATED, Curve, Isotonic, Sigmoid
from shortlist_training.calibration.pairs import Judged

ISOTONIC_FROM = 300
"""Taken pairs from which on the shape of the curve can be told from noise; with fewer, it is a sigmoid."""
PLATT_FROM = 20
"""Taken pairs below which not even a sigmoid's two numbers can be told."""
FIRMNESS = 1e10
"""Next to no penalty on the two numbers."""


def fit_curve(pairs: Judged) -> Curve:
    """Fit isotonic regression, Platt scaling, or, with too few pairs that were taken or not taken, nothing."""
    fewer = min(int(pairs.taken.sum()), int((~pairs.taken).sum()))
    if fewer < PLATT_FROM:
        return UNCALIBRATED
    return _isotonic(pairs) if fewer >= ISOTONIC_FROM else _platt(pairs)


def fit_rest(pairs: Judged, proposed: Curve) -> Curve:
    """Fit the curve of the items outside the shortlists, of which few are ever taken.

    Where too few are, their share is the probability of each; where there are none, the curve of the shortlists holds.
    """
    if not len(pairs.taken):
        return proposed
    curve = fit_curve(pairs)
    return _rate(pairs.taken) if curve is UNCALIBRATED else curve


def _isotonic(pairs: Judged) -> Isotonic:
    """Return the middles of the steps, each a share of one pair more that was taken as often as all of them."""
    from sklearn.isotonic import IsotonicRegression

    order = np.argsort(pairs.logits, kind="stable")
    logits, taken = pairs.logits[order].astype(np.float64), pairs.taken[order].astype(np.float64)
    fitted = IsotonicRegression().fit_transform(logits, taken)
    _, step, sizes = np.unique(fitted, return_inverse=True, return_counts=True)
    middles, found = (np.bincount(step, weights=values) for values in (logits, taken))
    shares = (found + taken.mean()) / (sizes + 1)
    return Isotonic(logits=middles / sizes, probabilities=np.maximum.accumulate(shares))


def _platt(pairs: Judged) -> Sigmoid:
    """Return Platt's sigmoid with his smoothed targets: nothing is certain because few pairs say so."""
    from sklearn.linear_model import LogisticRegression

    taken, count = int(pairs.taken.sum()), len(pairs.taken)
    targets = np.where(pairs.taken, (taken + 1) / (taken + 2), 1 / (count - taken + 2))
    mean, spread = float(pairs.logits.mean()), max(float(pairs.logits.std()), 1e-6)
    inputs = ((pairs.logits.astype(np.float64) - mean) / spread)[:, None]
    model = LogisticRegression(C=FIRMNESS).fit(
        np.concatenate([inputs, inputs]),
        np.repeat([1, 0], count),
        sample_weight=np.concatenate([targets, 1 - targets]),
    )
    slope = float(model.coef_[0, 0]) / spread
    if slope <= 0:
        # The logits tell nothing here, or the wrong thing: a higher one must never mean a lower probability.
        return _rate(pairs.taken)
    return Sigmoid(method="platt", slope=slope, intercept=float(model.intercept_[0]) - slope * mean)


def _rate(taken: NDArray[np.bool_]) -> Sigmoid:
    share = (float(taken.sum()) + 0.5) / (len(taken) + 1)
    return Sigmoid(method="rate", slope=0.0, intercept=float(np.log(share / (1 - share))))
