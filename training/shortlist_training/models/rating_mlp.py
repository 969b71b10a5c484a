"""Rating models over features: the scorer alone, or the joined two-tower."""

import keras
import numpy as np
import tensorflow as tf

from shortlist_bundle.item_side.pairs import PairItems
from shortlist_bundle.ratings import FeatureRating
from shortlist_bundle.scorer import Output
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.models.feature_layers import FeatureInputLayer
from shortlist_training.models.pair_mlp import PairMlp
from shortlist_training.models.scorer import feature_width

FEATURE_SIZE = 8


class RatingMlp(keras.Model):
    """An MLP over customer features and item features, side by side; a side without features gets an id embedding.

    Args:
        dataset: for the features.
        tower: widths of the layers that see one side only: () for the scorer, (units,) for the joined two-tower.
        hidden: widths of the joint layers.
        low, high: the rating scale.
        sigmoid: whether the output is squashed into the scale, or linear.
        mean: the mean rating, where a linear output starts.
        embedding_size: width of the id embeddings, where there are any.
        seed: of the initial values.
    """

    def __init__(
        self, dataset: Dataset, *, tower: tuple[int, ...], hidden: tuple[int, ...], low: float, high: float,
        sigmoid: bool, mean: float, embedding_size: int, seed: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.customer_input = FeatureInputLayer(
            dataset.customer_features, dict(dataset.customer_encoder.bag_sizes), width=FEATURE_SIZE, seed=seed
        )
        self.item_input = FeatureInputLayer(
            dataset.item_features, dict(dataset.item_encoder.bag_sizes), width=FEATURE_SIZE, seed=seed + 100
        )
        self.customer_ids = self._ids(dataset.customer_rows, self.customer_input, embedding_size, seed + 300)
        self.item_ids = self._ids(dataset.item_rows, self.item_input, embedding_size, seed + 301)
        self.mlp = PairMlp(
            customer_width=feature_width(self.customer_input) + int(self.customer_ids.shape[1]),
            item_width=feature_width(self.item_input) + int(self.item_ids.shape[1]),
            signal_width=0, tower=tower, hidden=hidden, dropout=0.0, seed=seed + 200,
        )  # fmt: skip
        self.output_scale = Output(sigmoid=sigmoid, low=low, high=high)
        self.mean = mean
        self.item_rows = dataset.item_rows

    def _ids(self, rows: int, features: FeatureInputLayer, embedding_size: int, seed: int) -> tf.Variable:
        width = 0 if feature_width(features) else embedding_size
        return self.add_weight(
            shape=(rows, width),
            initializer=keras.initializers.RandomNormal(stddev=0.1, seed=seed),
            name=f"ids_{seed}",
            trainable=width > 0,
        )

    def call(self, customers: tf.Tensor, items: tf.Tensor) -> tf.Tensor:
        """Return the predicted rating of each pair, float32 [B]; both inputs are int32 [B], rows."""
        customer = tf.concat([self.customer_input(customers), tf.gather(self.customer_ids, customers)], axis=1)
        item = tf.concat([self.item_input(items), tf.gather(self.item_ids, items)], axis=1)
        last = self.mlp(customer, item)
        scale = self.output_scale
        return scale.low + (scale.high - scale.low) * tf.sigmoid(last) if scale.sigmoid else last

    def start_at_mean(self) -> None:
        """Let a linear output begin at the mean rating, so that no step is spent on finding it."""
        if not self.output_scale.sigmoid:
            self.mlp.last.bias.assign([self.mean])

    def export_items(self) -> PairItems:
        """Return the NumPy twin of the items' part; an item that training has not seen has no id."""
        return self.mlp.export_items(self.item_input.export(), int(self.item_ids.shape[1]))

    def export_ratings(self) -> FeatureRating:
        """Return the NumPy twin."""
        features = self.item_input(tf.range(self.item_rows)).numpy()
        ids, items = self.customer_ids.numpy().copy(), self.item_ids.numpy().copy()
        ids[0] = 0
        items[0] = 0
        return FeatureRating(
            feature_input=self.customer_input.export(),
            customer_ids=ids,
            scorer=self.mlp.export(np.concatenate([features, items], axis=1), self.output_scale),
            low=self.output_scale.low,
            high=self.output_scale.high,
        )
