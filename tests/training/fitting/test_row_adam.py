"""Going by rows is Adam all the same: the same tables as Keras makes, whichever rows have gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from shortlist_training.fitting.row_adam import RowAdam

ROWS, WIDTH, STEPS = 40, 3, 120


def gradients():
    """Yield sparse gradients with gaps from one step to many, some rows named twice."""
    random = np.random.default_rng(0)
    for _ in range(STEPS):
        rows = random.integers(0, ROWS, 4) ** 2 // ROWS
        slopes = tf.constant(random.normal(size=(4, WIDTH)), tf.float32)
        yield tf.IndexedSlices(slopes, tf.constant(rows), dense_shape=tf.constant([ROWS, WIDTH]))


@pytest.mark.parametrize("rate", [0.01, keras.optimizers.schedules.CosineDecay(0.01, STEPS)])
def test_rows_end_where_adam_over_the_whole_table_ends(rate):
    ours, theirs = (keras.Variable(np.ones((ROWS, WIDTH)), dtype="float32") for _ in range(2))
    optimiser, adam = RowAdam(rate, tables=[ours], others=[]), keras.optimizers.Adam(rate)
    for gradient in gradients():
        optimiser.wanted({0: tf.unique(gradient.indices)[0]})
        np.testing.assert_allclose(*(tf.gather(one, gradient.indices) for one in (ours, theirs)), atol=2e-5)
        optimiser.apply([gradient], [])
        adam.apply_gradients([(tf.convert_to_tensor(gradient), theirs)])
    assert np.abs(ours.numpy() - theirs.numpy()).max() > 1e-3  # what is owed to rows that had no gradient of late
    optimiser.settle()
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=2e-5)


def test_settling_twice_changes_nothing():
    table = keras.Variable(np.ones((ROWS, WIDTH)), dtype="float32")
    optimiser = RowAdam(0.01, tables=[table], others=[])
    for gradient in gradients():
        optimiser.apply([gradient], [])
    optimiser.settle()
    before = table.numpy().copy()
    optimiser.settle()
    assert (table.numpy() == before).all()
