import numpy as np
import pytest
from arrays import batch_of

from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.towers.autoencoder import AutoencoderCustomers

ITEMS = np.array([[0, 0], [1, 0], [0, 1], [2, 2]], np.float32)


def encode(rows, **settings):
    settings = {"norm": 0.0, "length": 10, "fade": 1.0, "by_moment": False} | settings
    batch = batch_of(rows)
    past = sum_up(batch.history, batch.now, (1.0,), things=batch.history.items, width=len(ITEMS))
    return AutoencoderCustomers(history_items=ITEMS, **settings)(batch, past)


def test_a_history_is_the_sum_of_its_distinct_items():
    assert encode([[(1, 0), (3, 1), (1, 2)], [(2, 0)], []]).tolist() == [[3, 2], [0, 1], [0, 0]]


def test_each_step_back_counts_less():
    assert encode([[(2, 0), (1, 1)]], fade=0.5)[0].tolist() == [1, 0.5]
    assert encode([[(2, 0), (3, 0), (1, 1)]], fade=0.5, by_moment=True)[0].tolist() == [2, 1.5]


def test_only_the_newest_have_a_say():
    assert encode([[(3, 0), (2, 1), (1, 2)]], length=2)[0].tolist() == [1, 1]


def test_long_histories_are_scaled_down():
    assert encode([[(1, 0), (2, 1), (3, 2)]], norm=1.0)[0] == pytest.approx([1, 1])
    assert encode([[(1, 0), (2, 1)]], norm=0.5)[0] == pytest.approx([2**-0.5] * 2)


def test_an_unknown_item_says_nothing():
    assert encode([[(0, 0)]], norm=0.5).tolist() == [[0, 0]]
