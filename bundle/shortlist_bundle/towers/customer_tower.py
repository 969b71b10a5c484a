"""The customer tower of the two-tower model: history, features and (for known customers) an id -> one vector."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.contributions import Contributions, voiced_products
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.signals.past import Past
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.towers.layers import FeatureSum, Float, lengths


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTower:
    """Encode customers for inner products with the item vectors.

    Attributes:
        history_items: float32 [N + 1, D], what an item in the history stands for; row 0 is zero.
        position_weights: float32 [H, L], positive; weight of the l-th newest item for each pooling head.
        mixes: float32 [H, D, D], what each pooled history adds to the vector.
        customer_ids: float32 [M + 1, D]; row 0, the unknown customer, is zero.
        features: what the customer's features add to the vector.
        context: what the request's context adds; None for a model without.
        inverse_temperature: scale of the vector, so that inner products are logits.
    """

    history_items: Float
    position_weights: Float
    mixes: Float
    customer_ids: Float
    features: FeatureSum
    inverse_temperature: float
    context: FeatureSum | None = None

    def __call__(
        self,
        rows: NDArray[np.int32],
        features: EncodedFeatures,
        history: Histories,
        context: EncodedFeatures | None = None,
    ) -> Float:
        """Return float32 [B, D + 1]; the last column is 1 and meets the items' bias.

        Somebody of whom nothing is known gets zeros and the 1: the bias alone, which is popularity.
        """
        total = self._with_history(self._without_history(rows, features, context), history)
        return _logit_vectors(total, np.float32(self.inverse_temperature))

    def contributions(self, batch: CustomerBatch, past: Past, vectors: Float) -> Contributions:
        """See `VectorsContribute`: what each item of the history adds to the inner product, the length held fixed.

        History, id, features and context are summed up before the sum is scaled to one length, so that with the scale
        taken as it is the inner product falls apart exactly. That is not what leaving an item out would do, which
        would change the scale as well. The rest is the customer's id and features, the context and the item's bias.
        """
        without = self._without_history(batch.rows, batch.features, batch.context)
        scale = np.float32(self.inverse_temperature) / lengths(self._with_history(without, batch.history))
        keys, weights = _position_shares(batch.history, self.position_weights, past.width)
        scaled = vectors[..., :-1] * scale[:, None]
        queries = np.stack([scaled @ mix.T for mix in self.mixes])
        return Contributions(
            width=past.width,
            keys=keys,
            amounts=voiced_products(self.history_items, keys, past.width, weights, queries),
            rest=np.einsum("bkd,bd->bk", scaled, without) + vectors[..., -1],
        )

    def _without_history(
        self, rows: NDArray[np.int32], features: EncodedFeatures, context: EncodedFeatures | None
    ) -> Float:
        total = self.customer_ids[rows] + self.features(features)
        return total if self.context is None or context is None else total + self.context(context)

    def _with_history(self, total: Float, history: Histories) -> Float:
        pooled = _pooled(self.history_items, self.position_weights, history.offsets, history.items)
        # All heads side by side, and all mixes one above the other, are one product; of each customer's own row, so
        # that a batch rounds as each of them alone.
        return total + (pooled[:, None] @ self.mixes.reshape(-1, self.mixes.shape[2]))[:, 0]


def _position_shares(history: Histories, position_weights: Float, width: int) -> tuple[NDArray[np.int64], Float]:
    """Return the distinct newest items as keys `owner * width + item` [P], and their share of each head [P, H]."""
    newest = history.last(position_weights.shape[1])
    owners = newest.owners
    ages = newest.offsets[1:][owners] - 1 - np.arange(len(owners))
    there = newest.items > 0
    owners, weights = owners[there], position_weights.T[ages[there]]
    totals = np.zeros((len(history), len(position_weights)), np.float32)
    np.add.at(totals, owners, weights)
    keys, places = np.unique(owners * width + newest.items[there], return_inverse=True)
    shares = np.zeros((len(keys), len(position_weights)), np.float32)
    np.add.at(shares, places, weights / np.maximum(totals[owners], np.float32(1e-6)))
    return keys, shares


@compiled
def _pooled(vectors: Float, weights: Float, offsets: NDArray[np.int64], items: NDArray[np.int32]) -> Float:
    """Return each head's weighted mean of the newest items' vectors, side by side, float32 [B, H * D]."""
    heads, length = weights.shape
    width = vectors.shape[1]
    pooled = np.zeros((len(offsets) - 1, heads * width), np.float32)
    total = np.empty(heads, np.float32)
    for row in range(len(offsets) - 1):
        total[:] = 0
        for age in range(min(length, offsets[row + 1] - offsets[row])):
            item = items[offsets[row + 1] - 1 - age]
            if item == 0:
                continue
            vector = vectors[item]
            for head in range(heads):
                weight, own = weights[head, age], pooled[row, head * width : (head + 1) * width]
                total[head] += weight
                for letter in range(width):
                    own[letter] += weight * vector[letter]
        for head in range(heads):
            pooled[row, head * width : (head + 1) * width] /= max(total[head], np.float32(1e-6))
    return pooled


@compiled
def _logit_vectors(total: Float, inverse_temperature: np.float32) -> Float:
    """Scale sums, float32 [B, D], to one length, and append a 1 that meets the items' bias; float32 [B, D + 1]."""
    vectors = np.ones((total.shape[0], total.shape[1] + 1), np.float32)
    for row in range(total.shape[0]):
        square = np.float32(0)
        for letter in range(total.shape[1]):
            square += total[row, letter] * total[row, letter]
        scale = inverse_temperature / np.sqrt(max(square, np.float32(1e-12)))
        for letter in range(total.shape[1]):
            vectors[row, letter] = total[row, letter] * scale
    return vectors
