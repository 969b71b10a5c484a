"""The embedding model: customer-id and item-id embeddings, inner product, and a final bias."""

import keras
import numpy as np
import tensorflow as tf

from shortlist_bundle.ratings import EmbeddingRating
from shortlist_bundle.towers.layers import Float
from shortlist_training.models.gathering import gathered


class EmbeddingModel(keras.Model):
    """Inner product of two embeddings plus biases; trained on ratings or on implicit feedback.

    Args:
        customer_rows, item_rows: rows of the tables, M + 1 and N + 1.
        embedding_size: width of the vectors, D.
        mean: what an average customer gives an average item: the mean rating, or 0 for implicit feedback.
        spread: standard deviation of the initial vectors' entries.
        seed: of the initial values.
    """

    def __init__(
        self, *, customer_rows: int, item_rows: int, embedding_size: int, mean: float, spread: float, seed: int
    ) -> None:
        super().__init__()
        normal = keras.initializers.RandomNormal
        self.customers = self.add_weight(
            shape=(customer_rows, embedding_size), initializer=normal(stddev=spread, seed=seed), name="customers"
        )
        self.items = self.add_weight(
            shape=(item_rows, embedding_size), initializer=normal(stddev=spread, seed=seed + 1), name="items"
        )
        self.customer_bias = self.add_weight(shape=(customer_rows,), initializer="zeros", name="customer_bias")
        self.item_bias = self.add_weight(shape=(item_rows,), initializer="zeros", name="item_bias")
        self.mean = mean

    def call(self, customers: tf.Tensor, items: tf.Tensor) -> tf.Tensor:
        """Return the score of each pair, float32 [B]; both inputs are int32 [B], rows."""
        inner = tf.reduce_sum(gathered(self.customers, customers) * gathered(self.items, items), axis=1)
        biases = gathered(self.customer_bias, customers) + gathered(self.item_bias, items)
        return self.mean + biases + inner

    def penalty(self, customers: tf.Tensor, items: tf.Tensor) -> tf.Tensor:
        """Return the mean squared length of the vectors and biases that the pairs use."""
        tables = ((self.customers, customers), (self.items, items))
        vectors = [tf.reduce_sum(tf.square(gathered(table, rows)), axis=1) for table, rows in tables]
        biases = [tf.square(gathered(self.customer_bias, customers)), tf.square(gathered(self.item_bias, items))]
        return tf.reduce_mean(tf.add_n([*vectors, *biases]))

    def customer_vectors(self) -> Float:
        """Return float32 [M + 1, D + 1], the last column 1 to meet the items' bias; row 0 is zero."""
        vectors = self.customers.numpy()
        joined = np.concatenate([vectors, np.ones((len(vectors), 1), np.float32)], axis=1)
        joined[0] = 0
        return joined

    def item_vectors(self) -> Float:
        """Return float32 [N + 1, D + 1] with the item bias last; row 0 is zero."""
        joined = np.concatenate([self.items.numpy(), self.item_bias.numpy()[:, None]], axis=1)
        joined[0] = 0
        return joined

    def export_ratings(self, low: float, high: float) -> EmbeddingRating:
        """Return the NumPy twin that predicts ratings."""
        tables = [table.numpy().copy() for table in (self.customer_bias, self.item_bias, self.customers, self.items)]
        for table in tables:
            table[0] = 0
        return EmbeddingRating(
            mean=float(self.mean),
            customer_bias=tables[0],
            item_bias=tables[1],
            customers=tables[2],
            items=tables[3],
            low=low,
            high=high,
        )
