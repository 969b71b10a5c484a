"""Predicted ratings: what would this customer say of this item."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from shortlist_bundle.scorer import Output, PairScorer
from shortlist_bundle.sources.scoreboard import Items
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.towers.layers import FeatureInput, Float


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingParts:
    """What B customers, their K items, and the two together make of a rating, in ratings.

    An average customer's rating of an average item is the base. A customer's part is what they give that item beyond
    it, an item's what that customer gives it; what is then missing to the rating is neither's alone. Base and parts sum
    to the rating before it is clipped. This is the anchored decomposition: Kuo, Sloan, Wasilkowski and Wozniakowski
    2010, "On decompositions of multivariate functions", https://doi.org/10.1090/S0025-5718-09-02319-9

    Attributes:
        base: one rating.
        customer: float32 [B].
        item: float32 [B, K].
        together: float32 [B, K].
    """

    base: float
    customer: Float
    item: Float
    together: Float


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

    def parts(self, batch: CustomerBatch, items: Items) -> RatingParts:
        """Return what the ratings of items [B, K] are made of."""
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

    def parts(self, batch: CustomerBatch, items: Items) -> RatingParts:
        """See `RatingModel.parts`: here the average ones are the unknown ones."""
        inner = np.einsum("bkd,bd->bk", self.items[items], self.customers[batch.rows])
        customer, item = self.customer_bias[batch.rows], self.item_bias[items]
        return RatingParts(base=self.mean, customer=customer, item=item, together=inner.astype(np.float32))


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
        return self.scorer.output(self.scorer(self._customers(batch), items))

    def predict(self, batch: CustomerBatch, items: Items) -> Float:
        """See `RatingModel.predict`."""
        return np.clip(self.unclipped(batch, items), self.low, self.high)

    def parts(self, batch: CustomerBatch, items: Items) -> RatingParts:
        """See `RatingModel.parts`.

        An average customer has the mean of every number, no category and no known id; an average item is the
        catalogue's mean before the first ReLU.
        """
        scorer, inputs = self.scorer, self._customers(batch)
        nobody = scorer.customer_half(np.zeros((1, inputs.shape[1]), np.float32))
        customers, every = scorer.customer_half(inputs), scorer.item_half[items]
        base = self._rating(scorer.mean_item + nobody)[0]
        customer = self._rating(scorer.mean_item + customers) - base
        item = self._rating(every + nobody[:, None]) - base
        together = self._rating(every + customers[:, None]) - base - customer[:, None] - item
        return RatingParts(base=float(base), customer=customer, item=item, together=together)

    def _customers(self, batch: CustomerBatch) -> Float:
        return np.concatenate([self.feature_input(batch.features), self.customer_ids[batch.rows]], axis=1)

    def _rating(self, hidden: Float) -> Float:
        return self.scorer.output(self.scorer.rest(hidden))


__all__ = ["EmbeddingRating", "FeatureRating", "Output", "RatingModel", "RatingParts"]
