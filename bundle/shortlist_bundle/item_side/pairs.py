"""The items' part of an MLP over pairs: features and encodings -> their share of the first joint layer."""

from dataclasses import dataclass

import numpy as np

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.towers.layers import Dense, FeatureInput, Float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairItems:
    """What `PairScorer.item_half` is made of.

    Attributes:
        feature_input: items' features -> flat vector; the item's vector is appended.
        vector_width: how much of the vector is read; zeros stand for an item that has none.
        layers: that only see the item.
        kernel: float32 [I, H], the items' part of the first joint layer.
    """

    feature_input: FeatureInput
    vector_width: int
    layers: tuple[Dense, ...]
    kernel: Float

    def __call__(self, features: EncodedFeatures, vectors: Float | None = None) -> Float:
        """Return the halves, float32 [B, H].

        Args:
            features: of B items.
            vectors: float32 [B, at least `vector_width`]; None for items without one.
        """
        if vectors is None:
            vectors = np.zeros((len(features), self.vector_width), np.float32)
        items = np.concatenate([self.feature_input(features), vectors[:, : self.vector_width]], axis=1)
        for layer in self.layers:
            items = layer(items)
        return items @ self.kernel
