"""Rows of a table that is trained."""

from typing import Any

import tensorflow as tf


def gathered(table: Any, rows: tf.Tensor) -> tf.Tensor:
    """Return rows of a Keras variable, int [...] -> float32 [..., D], without a look at the others.

    `tf.gather` of a Keras variable reads it as a whole; as soon as single rows of it are updated, that is a copy.
    """
    return tf.gather(table.value, rows)
