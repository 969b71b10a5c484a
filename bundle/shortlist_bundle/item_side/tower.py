"""The item tower of the two-tower model: features -> a vector, and how popular to take the item for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.towers.layers import FeatureSum, Float, unit


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasLine:
    """What features make of an item's bias: a line that was fitted to the items that were taken.

    Attributes:
        weights: float64 [D], on what the features contribute to the item's vector.
        intercept: where the line begins.
        low, high: the least and the largest bias that was learnt: a line goes on beyond what was seen.
    """

    weights: NDArray[np.float64]
    intercept: float
    low: float
    high: float

    def __call__(self, features: Float) -> NDArray[np.float64]:
        """Return the biases, float64 [B], for what features contribute, float32 [B, D]."""
        return np.clip(features.astype(np.float64) @ self.weights + self.intercept, self.low, self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTower:
    """Encode items by their features alone, for inner products with the customers' vectors.

    Attributes:
        features: what the features contribute.
        bias: of a described item; None where no item was taken that it could be told by.
        shift: of all these biases: how much new items are taken is a matter of the log.
        least: the bias of an item without any feature: there is nothing to match it by.
        lengths: float32 [N + 1], how long the sum of each item's id and features was before it was brought to length
            1: what a training that goes on from here needs to know. None in a bundle of an older release.
    """

    features: FeatureSum
    bias: BiasLine | None
    shift: float
    least: float
    lengths: Float | None = None

    def __call__(self, features: EncodedFeatures) -> Float:
        """Return float32 [B, D + 1], the bias last; an item of which nothing is known is zeros and the least bias."""
        total = self.features(features)
        bias = np.full(len(total), self.least)
        described = total.any(axis=1)
        if self.bias is not None:
            bias[described] = self.bias(total[described]) + self.shift
        return np.concatenate([unit(total), bias[:, None].astype(np.float32)], axis=1)
