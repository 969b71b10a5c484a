"""A log of slates beside what another policy would have shown: everything that the estimators read."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """With which probability the new policy shows an item at a position, given what the log has above it.

    Of every position of a slate they sum to 1. M rows.

    Attributes:
        slates: int64 [M], row of the slate.
        positions: int64 [M].
        items: int64 [M], codes as in `Comparison.items`.
        probabilities: float64 [M].
    """

    slates: NDArray[np.int64]
    positions: NDArray[np.int64]
    items: NDArray[np.int64]
    probabilities: Vector


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """N logged slates of up to K positions.

    Attributes:
        shown: bool [N, K], which positions a slate has.
        items: int64 [N, K], codes of the items shown, from 0; 0 where there is none.
        rewards: float64 [N, K], what came of each; 0 where there is no item.
        logged: float64 [N, K], with which probability the logging policy placed the item, given those above, in (0, 1].
        new: float64 [N, K], with which the new policy would have, given the same, in [0, 1].
        logged_marginal, new_marginal: the same whatever stands above; None where the log or the policy does not say.
        offers: everything the new policy might have shown; None where it does not say.
    """

    shown: NDArray[np.bool_]
    items: NDArray[np.int64]
    rewards: Matrix
    logged: Matrix
    new: Matrix
    logged_marginal: Matrix | None = None
    new_marginal: Matrix | None = None
    offers: Offers | None = None

    def __post_init__(self) -> None:
        shapes = {array.shape for array in (self.shown, self.items, self.rewards, self.logged, self.new)}
        if len(shapes) != 1 or self.shown.ndim != 2 or not len(self.shown):
            raise ValueError(f"needs arrays of one shape [N, K], N at least 1, not {sorted(shapes)}")

    @cached_property
    def cumulative(self) -> Matrix:
        """How much more often the new policy shows a slate down to each position, float64 [N, K]."""
        ratios: Matrix = np.where(self.shown, self.new / np.where(self.shown, self.logged, 1.0), 1.0)
        return np.cumprod(ratios, axis=1, dtype=np.float64)

    @property
    def whole(self) -> Vector:
        """The same of whole slates, float64 [N]."""
        return self.cumulative[:, -1]

    @property
    def totals(self) -> Vector:
        """Reward of each slate, float64 [N]."""
        return self.rewards.sum(axis=1)
