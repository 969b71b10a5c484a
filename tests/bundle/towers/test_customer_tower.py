import numpy as np
import pytest
from arrays import histories, no_features

from shortlist_bundle.towers.customer_tower import CustomerTower
from shortlist_bundle.towers.layers import FeatureSum

ITEMS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)


def tower(**changes):
    parts = {
        "history_items": ITEMS,
        "position_weights": np.array([[3.0, 1.0]], np.float32),
        "mixes": np.eye(2, dtype=np.float32)[None],
        "customer_ids": np.array([[0, 0], [0, 8]], np.float32),
        "features": FeatureSum(kernel=np.zeros((0, 2), np.float32), tables={}),
        "inverse_temperature": 10.0,
    }
    return CustomerTower(**(parts | changes))


def encode(rows, customers=None, **changes):
    customers = np.zeros(len(rows), np.int32) if customers is None else np.array(customers, np.int32)
    return tower(**changes)(customers, no_features(len(rows)), histories(rows))


def test_the_history_is_pooled_by_position_newest_first():
    expected = np.array([3, 1]) / np.sqrt(10) * 10
    assert encode([[(2, 1), (1, 2)]])[0] == pytest.approx([*expected, 1], abs=1e-5)


def test_only_the_newest_items_count():
    assert encode([[(3, 0), (2, 1), (1, 2)]]).tolist() == encode([[(2, 1), (1, 2)]]).tolist()


def test_weights_are_shares_of_the_items_that_are_there():
    assert encode([[(2, 1)]])[0] == pytest.approx([0, 10, 1], abs=1e-5)


def test_an_item_that_nobody_knows_counts_for_nothing():
    assert encode([[(0, 1), (1, 2)]])[0] == pytest.approx([10, 0, 1], abs=1e-5)


def test_a_known_customer_brings_an_id():
    assert encode([[(1, 1)]], [1])[0] == pytest.approx([10 / np.sqrt(65), 80 / np.sqrt(65), 1], abs=1e-5)


def test_each_head_mixes_its_own_way():
    swapped = np.array([[0, 1], [1, 0]], np.float32)
    vectors = encode(
        [[(2, 1), (1, 2)]],
        position_weights=np.array([[1, 0], [0, 1]], np.float32) + 1e-9,
        mixes=np.stack([np.eye(2, dtype=np.float32), 2 * swapped]),
    )
    # The newest item is (1, 0), the one before (0, 1), which the second head turns into (2, 0).
    assert vectors[0] == pytest.approx([10, 0, 1], abs=1e-4)


def test_somebody_of_whom_nothing_is_known_meets_the_bias_alone():
    assert encode([[], [(0, 1)]]).tolist() == [[0, 0, 1]] * 2
