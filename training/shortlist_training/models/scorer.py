"""The reranking scorer as a Keras model: an MLP over features, encodings and the pair's signals."""

import keras
import numpy as np
import tensorflow as tf

from shortlist_bundle.item_side.pairs import PairItems
from shortlist_bundle.reranker import Reranker
from shortlist_bundle.scorer import Output
from shortlist_bundle.towers.layers import Float
from shortlist_training.config.models import ScorerConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.models.feature_layers import FeatureInputLayer
from shortlist_training.models.pair_mlp import PairMlp


class Scorer(keras.Model):
    """Scores the candidates of a list.

    Args:
        dataset: for the features.
        config: of the scorer.
        signal_mean, signal_scale: float32 [S], standardise the raw signals.
        encoding_width: width of the two-tower encodings that it reads, 0 for none.
        seed: of the initial values.
    """

    def __init__(
        self,
        dataset: Dataset,
        config: ScorerConfig,
        *,
        signal_mean: Float,
        signal_scale: Float,
        encoding_width: int,
        seed: int,
    ) -> None:
        super().__init__()
        self.customer_input = FeatureInputLayer(
            dataset.customer_features, dict(dataset.customer_encoder.bag_sizes), width=config.feature_size, seed=seed
        )
        self.item_input = FeatureInputLayer(
            dataset.item_features, dict(dataset.item_encoder.bag_sizes), width=config.feature_size, seed=seed + 100
        )
        self.item_rows = dataset.item_rows
        self.encoding_width = encoding_width
        self.signal_mean, self.signal_scale = signal_mean, signal_scale
        self.mlp = PairMlp(
            customer_width=feature_width(self.customer_input) + encoding_width,
            item_width=feature_width(self.item_input) + encoding_width,
            signal_width=len(signal_mean),
            tower=(),
            hidden=config.hidden,
            dropout=config.dropout,
            seed=seed + 200,
            members=config.members,
        )

    def call(
        self,
        customers: tf.Tensor,
        vectors: tf.Tensor,
        items: tf.Tensor,
        item_vectors: tf.Tensor,
        signals: tf.Tensor,
        training: bool = False,
    ) -> tf.Tensor:
        """Return logits float32 [B, K], in training those of each member, [B, K, E].

        Args:
            customers: int32 [B], customer rows.
            vectors: float32 [B, encoding width].
            items: int32 [B, K], item rows.
            item_vectors: float32 [B, K, encoding width].
            signals: float32 [B, K, S], standardised.
            training: whether to drop hidden units.
        """
        customer = tf.concat([self.customer_input(customers), vectors], axis=1)[:, None, :]
        features = self.item_input(tf.reshape(items, [-1]))
        features = tf.reshape(features, [tf.shape(items)[0], tf.shape(items)[1], feature_width(self.item_input)])
        mlp = self.mlp.each if training else self.mlp
        return mlp(customer, tf.concat([features, item_vectors], axis=2), signals, training=training)

    def standardise(self, signals: Float) -> Float:
        """Return the signals on the scale the MLP reads, clipped to [-8, 8]."""
        return np.clip((signals - self.signal_mean) * self.signal_scale, -8, 8).astype(np.float32)

    def export(self, item_vectors: Float) -> Reranker:
        """Return the NumPy twin.

        Args:
            item_vectors: float32 [N + 1, D + 1], the two-tower's, with the bias last.
        """
        features = self.item_input(tf.range(self.item_rows)).numpy()
        items = np.concatenate([features, item_vectors[:, : self.encoding_width]], axis=1)
        return Reranker(
            feature_input=self.customer_input.export(),
            encoding_width=self.encoding_width,
            signal_mean=self.signal_mean,
            signal_scale=self.signal_scale,
            scorer=self.mlp.export(items, Output(sigmoid=True)),
        )

    def export_items(self) -> PairItems:
        """Return the NumPy twin of the items' part."""
        return self.mlp.export_items(self.item_input.export(), self.encoding_width)


def feature_width(layer: FeatureInputLayer) -> int:
    """Return the width of a feature input: its numbers, then its bags' embeddings."""
    return int(layer.numbers.shape[1]) + sum(int(table.shape[1]) for table in layer.tables.values())
