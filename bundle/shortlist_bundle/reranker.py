"""The reranking scorer with everything it reads: features, encodings, and standardised signals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.scorer import PairScorer
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.towers.layers import FeatureInput, Float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reranker:
    """Orders candidates.

    Attributes:
        feature_input: customers' features -> flat vector; their two-tower encoding is appended.
        encoding_width: how many columns of the encoding the scorer reads, 0 or D.
        signal_mean, signal_scale: float32 [S], standardise the signals as they were in training.
        scorer: the MLP.
    """

    feature_input: FeatureInput
    encoding_width: int
    signal_mean: Float
    signal_scale: Float
    scorer: PairScorer

    def __call__(self, batch: CustomerBatch, vectors: Float, items: NDArray[np.int32], signals: Float) -> Float:
        """Return a logit per candidate, float32 [B, K]; its sigmoid is the probability of a taking.

        Args:
            batch: B customers.
            vectors: float32 [B, D + 1], their two-tower vectors.
            items: int32 [B, K], item rows.
            signals: float32 [B, K, S], raw.
        """
        return self.scorer(self.customers(batch, vectors), items, self.standardised(signals))

    def standardised(self, signals: Float) -> Float:
        """Return raw signals [B, K, S] on the scale that the MLP reads: 0 is their mean in training."""
        return _standardised(signals, self.signal_mean, self.signal_scale)

    def customers(self, batch: CustomerBatch, vectors: Float) -> Float:
        """Return the customers' input: their features, then their encodings."""
        return np.concatenate([self.feature_input(batch.features), vectors[:, : self.encoding_width]], axis=1)


@compiled
def _standardised(signals: Float, mean: Float, scale: Float) -> Float:
    standard = np.empty_like(signals)
    for row in range(signals.shape[0]):
        for column in range(signals.shape[1]):
            for signal in range(signals.shape[2]):
                value = (signals[row, column, signal] - mean[signal]) * scale[signal]
                standard[row, column, signal] = min(max(value, np.float32(-8)), np.float32(8))
    return standard
