"""What is expected of an item at a position and everything below it: the model that doubly robust estimates lean on."""

import numpy as np
from numpy.typing import NDArray

from shortlist_training.offpolicy.comparison import Comparison, Matrix

FOLDS = 5
WEIGHT = 20.0
"""An item's own mean counts as much as that of its position once it was shown there so often."""


def expected_rewards(comparison: Comparison) -> tuple[Matrix, NDArray[np.int64]]:
    """Return what is expected, float64 [FOLDS, K * A] for A items, and the fold of each slate, int64 [N].

    The mean reward of a position and those below where an item was shown, drawn towards the mean of the position. The
    row of a fold is learnt from all others: whatever the model says, the estimate stays unbiased.
    """
    count, positions = comparison.shown.shape
    items = int(comparison.items.max()) + 1
    if comparison.offers is not None and len(comparison.offers.items):
        items = max(items, int(comparison.offers.items.max()) + 1)
    folds = np.arange(count) % FOLDS
    rows, columns = np.nonzero(comparison.shown)
    later = np.cumsum(comparison.rewards[:, ::-1], axis=1)[:, ::-1]
    cells = (folds[rows] * positions + columns) * items + comparison.items[rows, columns]
    shape = (FOLDS, positions, items)
    size = FOLDS * positions * items
    times = np.bincount(cells, minlength=size).reshape(shape).astype(np.float64)
    sums = np.bincount(cells, later[rows, columns], minlength=size).reshape(shape)
    times, sums = times.sum(axis=0) - times, sums.sum(axis=0) - sums
    usual = sums.sum(axis=2, keepdims=True) / np.maximum(times.sum(axis=2, keepdims=True), 1.0)
    return ((sums + WEIGHT * usual) / (times + WEIGHT)).reshape(FOLDS, -1), folds
