"""Predicted ratings: what would this customer say of this item."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from shortlist_bundle.scorer import Output, PairScorer
from shortlist_bundle.sources.scoreboard import Items
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.towers.layers import FeatureInput, Float


class RatingModel(Protocol):
    """Predicts ratings on the log's own scale, from `low` to `high`."""

    @property
    def low(self) -> float:
        """The lowest rating."""
        ...

    @property
    def high(self) -> float:
        """The highest rating."""
        ...

    def unclipped(self, batch: CustomerBatch, items: Items) -> Float:
        """Return what the model says before it is clipped to the scale, float32 [B, K]: what items are ordered by."""
        ...

    def predict(self, batch: CustomerBatch, items: Items) -> Float:
        """Return the predicted rating of each customer for their items [B, K], float32 [B, K]."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingRating:
    """Biased matrix factorisation: mean + customer bias + item bias + inner product.

    Koren, Bell and Volinsky 2009, "Matrix factorization techniques for recommender systems",
    https://doi.org/10.1109/MC.2009.263

    Attributes:
        mean: the mean rating.
        customer_bias, item_bias: float32 [M + 1] and [N + 1]; row 0 is zero: an unknown one is an average one.
        customers, items: float32 [M + 1, D] and [N + 1, D]; row 0 is zero.
        low, high: the rating scale, to which predictions are clipped.
    """

    mean: float
    customer_bias: Float
    item_bias: Float
    customers: Float
    items: Float
    low: float
    high: float

    def unclipped(self, batch: CustomerBatch, items: Items) -> Float:
        """See `RatingModel.unclipped`."""
        inner = np.einsum("bkd,bd->bk", self.items[items], self.customers[batch.rows])
        rating = self.mean + self.customer_bias[batch.rows][:, None] + self.item_bias[items] + inner
        return rating.astype(np.float32)

    def predict(self, batch: CustomerBatch, items: Items) -> Float:
        """See `RatingModel.predict`."""
        return np.clip(self.unclipped(batch, items), self.low, self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRating:
    """An MLP over customer and item features (the scorer, or the joined two-tower), linear or sigmoid.

    Attributes:
        feature_input: customers' features -> flat vector.
        customer_ids: float32 [M + 1, E], appended to the features; E is 0 for a model without ids.
        scorer: the MLP; its items' half knows every item.
        low, high: the rating scale, to which predictions are clipped.
    """

    feature_input: FeatureInput
    customer_ids: Float
    scorer: PairScorer
    low: float
    high: float

    def unclipped(self, batch: CustomerBatch, items: Items) -> Float:
        """See `RatingModel.unclipped`."""
        customers = np.concatenate([self.feature_input(batch.features), self.customer_ids[batch.rows]], axis=1)
        return self.scorer.output(self.scorer(customers, items))

    def predict(self, batch: CustomerBatch, items: Items) -> Float:
        """See `RatingModel.predict`."""
        return np.clip(self.unclipped(batch, items), self.low, self.high)


__all__ = ["EmbeddingRating", "FeatureRating", "Output", "RatingModel"]
