"""The customers' state as arrays."""

import numpy as np
from small_models import CUSTOMERS, model_of

STATE = model_of().snapshot


def test_rows_come_in_the_order_asked_for_and_may_repeat():
    rows = np.array([3, 1, 3], np.int32)
    history, features = STATE.histories(rows), STATE.features(rows)
    assert history.lengths.tolist() == STATE.events.lengths[rows].tolist()
    np.testing.assert_array_equal(features.numbers, STATE.encoded.numbers[rows])
    np.testing.assert_array_equal(features.bags["town"], STATE.encoded.bags["town"][rows])


def test_nobody_has_taken_anything_and_is_not_described():
    nobody = np.zeros(2, np.int32)
    assert STATE.histories(nobody).lengths.tolist() == [0, 0]
    empty = model_of().customer_encoder.empty(2)
    np.testing.assert_array_equal(STATE.features(nobody).numbers, empty.numbers)


def test_the_watermark_counts_the_events_inside():
    assert STATE.watermark == STATE.histories(np.arange(CUSTOMERS + 1)).lengths.sum()
