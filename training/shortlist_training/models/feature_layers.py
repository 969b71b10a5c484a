"""Encoded features as input of a Keras model. The NumPy twins are in `shortlist_bundle.towers.layers`."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.towers.layers import FeatureInput, FeatureSum


class FeatureTables(keras.layers.Layer):
    """The features of all rows as constants, and an embedding table per bag.

    Args:
        features: encoded rows, looked up by row number.
        bag_sizes: codes per bag, padding included.
        width: embedding width E of every bag.
        seed: of the initial values.
        whole: whether it will be asked for every row at once.
    """

    def __init__(
        self, features: EncodedFeatures, bag_sizes: dict[str, int], *, width: int, seed: int, whole: bool = False
    ) -> None:
        super().__init__()
        self.numbers = tf.constant(features.numbers)
        self.shares = {name: _shares(bag, bag_sizes[name]) for name, bag in features.bags.items()} if whole else {}
        self.bags = {name: tf.constant(bag) for name, bag in features.bags.items()}
        self.tables = {
            name: self.add_weight(
                shape=(bag_sizes[name], width),
                initializer=keras.initializers.RandomNormal(stddev=0.5 / np.sqrt(width), seed=seed + n),
                name=f"table_{n}",
            )
            for n, name in enumerate(features.bags)
        }

    def bag_means(self, rows: tf.Tensor | None) -> list[tf.Tensor]:
        """Return each bag's mean embedding, float32 [B, E] each; padding (code 0) counts for nothing.

        Args:
            rows: int32 [B], or None for every row: then a sparse product, which does not touch padding.
        """
        if rows is None:
            return [tf.sparse.sparse_dense_matmul(self.shares[name], table) for name, table in self.tables.items()]
        return [self._mean(name, table, rows) for name, table in self.tables.items()]

    def _mean(self, name: str, table: Any, rows: tf.Tensor) -> tf.Tensor:
        codes = tf.gather(self.bags[name], rows)
        present = tf.cast(codes > 0, tf.float32)
        total = tf.reduce_sum(tf.gather(table, codes) * present[..., None], axis=1)
        return total / tf.maximum(tf.reduce_sum(present, axis=1, keepdims=True), 1.0)

    def exported_tables(self) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
        """Return the tables with their padding row set to zero."""
        tables = {name: table.numpy().copy() for name, table in self.tables.items()}
        for table in tables.values():
            table[0] = 0
        return tables


class FeatureSumLayer(FeatureTables):
    """Rows -> one vector of width D, the sum of what each column contributes."""

    def __init__(
        self, features: EncodedFeatures, bag_sizes: dict[str, int], *, width: int, seed: int, whole: bool = False
    ) -> None:
        super().__init__(features, bag_sizes, width=width, seed=seed, whole=whole)
        self.kernel = self.add_weight(shape=(features.numbers.shape[1], width), initializer="zeros", name="kernel")

    def call(self, rows: tf.Tensor | None = None) -> tf.Tensor:
        """Return float32 [B, D] for rows int32 [B], or for every row."""
        numbers = self.numbers if rows is None else tf.gather(self.numbers, rows)
        return tf.add_n([numbers @ self.kernel, *self.bag_means(rows)])

    def export(self) -> FeatureSum:
        """Return the NumPy twin."""
        return FeatureSum(kernel=self.kernel.numpy(), tables=self.exported_tables())


class FeatureInputLayer(FeatureTables):
    """Rows -> the numbers, then each bag's mean embedding, side by side."""

    def call(self, rows: tf.Tensor) -> tf.Tensor:
        """Return float32 [B, P + E * bags]."""
        return tf.concat([tf.gather(self.numbers, rows), *self.bag_means(rows)], axis=1)

    def export(self) -> FeatureInput:
        """Return the NumPy twin."""
        return FeatureInput(tables=self.exported_tables())


def _shares(bag: NDArray[np.int32], codes: int) -> tf.SparseTensor:
    """Return the matrix [rows, codes] that averages a table's embeddings over each row's codes."""
    rows, columns = np.nonzero(bag)
    present = np.count_nonzero(bag, axis=1)
    indices = np.stack([rows, bag[rows, columns]], axis=1).astype(np.int64)
    values = (1.0 / present[rows]).astype(np.float32)
    return tf.sparse.reorder(tf.SparseTensor(indices, values, (len(bag), codes)))
