"""Adam whose step costs as much as the rows that it touches, however long the tables are."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

MEAN_DECAY, SQUARE_DECAY, EPSILON = 0.9, 0.999, 1e-7
"""Those of Keras."""
REMEMBERED = 1024
"""Steps: what a gradient still moves after so many is nothing (0.9 to that power)."""


class RowAdam:
    """Adam (Kingma and Ba 2015, https://arxiv.org/abs/1412.6980), to the last decimals, without a look at every row.

    A row without a gradient still moves under Adam: its moments fade, and what is left of them pushes it on. All that
    follows from how many steps ago it was touched, so it is made up for when the row is wanted next. After j steps the
    push is lr m b1^j / (sqrt(v b2^j) + eps), bias corrections aside: a sum over j that is the same for all rows of one
    age, and known by age from step to step.

    Args:
        learning_rate: a number, or a schedule.
        tables: those of whose rows a step touches few; what is in them holds for rows that are `wanted`, and for all
            of them once they have `settled`.
        others: variables that every step changes as a whole.
    """

    def __init__(self, learning_rate: Any, *, tables: Sequence[Any], others: Sequence[Any]) -> None:
        self.dense = keras.optimizers.Adam(learning_rate)
        self.dense.build(list(others))
        self.rate = learning_rate
        self.others = list(others)
        self.tables = [_Table(table) for table in tables]
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.pushes = tf.Variable(tf.zeros([REMEMBERED]), trainable=False)

    def wanted(self, rows: Mapping[int, tf.Tensor]) -> None:
        """Bring rows up to date before they are read.

        Args:
            rows: place among the tables -> int [n], distinct rows.
        """
        for place, own in rows.items():
            self.tables[place].catch_up(own, self.step, self.pushes)

    def apply(self, of_tables: Sequence[Any], of_others: Sequence[Any]) -> None:
        """Take a step by the gradients of the tables and of the others, in their order."""
        size = self._size()
        for table, gradient in zip(self.tables, of_tables, strict=True):
            table.move(gradient, self.step, self.pushes, size)
        if self.others:
            self.dense.apply_gradients(zip(of_others, self.others, strict=True))
        ages = tf.range(1.0, REMEMBERED)
        self.pushes.assign(tf.concat([[0.0], self.pushes[:-1] + size * (MEAN_DECAY / SQUARE_DECAY**0.5) ** ages], 0))
        self.step.assign_add(1)

    def settle(self) -> None:
        """Bring every row up to date."""
        for table in self.tables:
            table.catch_up(tf.range(tf.shape(table.last)[0]), self.step, self.pushes)

    def _size(self) -> tf.Tensor:
        """Return the learning rate of this step with Adam's corrections of the bias."""
        rate = self.rate(self.step) if callable(self.rate) else self.rate
        now = tf.cast(self.step + 1, tf.float32)
        return rate * tf.sqrt(1.0 - tf.pow(SQUARE_DECAY, now)) / (1.0 - tf.pow(MEAN_DECAY, now))


class _Table:
    """A table with Adam's moments, and the step up to which each row is right."""

    def __init__(self, variable: Any) -> None:
        self.value = variable.value
        self.mean = tf.Variable(tf.zeros(self.value.shape), trainable=False)
        self.square = tf.Variable(tf.zeros(self.value.shape), trainable=False)
        self.last = tf.Variable(tf.zeros(self.value.shape[:1], tf.int64), trainable=False)

    def catch_up(self, rows: tf.Tensor, step: tf.Tensor, pushes: tf.Tensor) -> None:
        """Do what the steps since then would have done to distinct rows that had no gradient."""
        missed = step - tf.gather(self.last, rows)
        mean, square = tf.gather(self.mean, rows), tf.gather(self.square, rows)
        push = self._wide(tf.gather(pushes, tf.minimum(missed, REMEMBERED - 1)))
        faded = tf.cast(missed, tf.float32)
        self._update(self.value, rows, tf.gather(self.value, rows) - push * mean / (tf.sqrt(square) + EPSILON))
        self._update(self.mean, rows, mean * self._wide(tf.pow(MEAN_DECAY, faded)))
        self._update(self.square, rows, square * self._wide(tf.pow(SQUARE_DECAY, faded)))
        self._update(self.last, rows, tf.fill(tf.shape(rows), tf.identity(step)))

    def move(self, gradient: Any, step: tf.Tensor, pushes: tf.Tensor, size: tf.Tensor) -> None:
        """Take one step with the rows that have a gradient."""
        rows, slopes = _by_row(gradient, tf.shape(self.last)[0])
        self.catch_up(rows, step, pushes)
        mean = MEAN_DECAY * tf.gather(self.mean, rows) + (1.0 - MEAN_DECAY) * slopes
        square = SQUARE_DECAY * tf.gather(self.square, rows) + (1.0 - SQUARE_DECAY) * tf.square(slopes)
        self._update(self.value, rows, tf.gather(self.value, rows) - size * mean / (tf.sqrt(square) + EPSILON))
        self._update(self.mean, rows, mean)
        self._update(self.square, rows, square)
        self._update(self.last, rows, tf.fill(tf.shape(rows), step + 1))

    def _wide(self, of_rows: tf.Tensor) -> tf.Tensor:
        return tf.reshape(of_rows, [-1, *[1] * (len(self.value.shape) - 1)])

    @staticmethod
    def _update(table: tf.Variable, rows: tf.Tensor, values: tf.Tensor) -> None:
        table.scatter_update(tf.IndexedSlices(values, rows))


def _by_row(gradient: Any, count: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the distinct rows that have a gradient, and the sum of each one's."""
    if not isinstance(gradient, tf.IndexedSlices):
        return tf.range(count), gradient
    rows, places = tf.unique(gradient.indices)
    return rows, tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
