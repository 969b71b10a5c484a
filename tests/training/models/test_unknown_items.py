"""How popular an item is taken for that nobody has taken."""

import numpy as np
import pytest

from shortlist_training.models.unknown_items import unknown_items, with_unknown_items

KNOWN = np.array([False] + [True] * 40 + [False] * 4)
RANDOM = np.random.default_rng(0)
FEATURES = RANDOM.normal(size=(45, 3)).astype(np.float32)
FEATURES[44] = 0
BIAS = (FEATURES @ [1.0, -2.0, 0.5] + 3).astype(np.float32)


def test_where_features_say_all_they_are_believed():
    filled = with_unknown_items(np.where(KNOWN, BIAS, 0).astype(np.float32), FEATURES, KNOWN, shift=0.0)
    assert filled[KNOWN].tolist() == BIAS[KNOWN].tolist()
    assert filled[41:44] == pytest.approx(BIAS[41:44].clip(BIAS[KNOWN].min(), BIAS[KNOWN].max()), abs=0.05)


def test_where_features_say_nothing_an_unknown_item_is_as_popular_as_most():
    bias = np.where(KNOWN, RANDOM.normal(size=45), 0).astype(np.float32)
    filled = with_unknown_items(bias, FEATURES, KNOWN, shift=0.0)
    assert filled[41:44] == pytest.approx(bias[KNOWN].mean(), abs=0.3)


def test_the_shift_moves_described_unknown_items_alone():
    plain, moved = (with_unknown_items(BIAS, FEATURES, KNOWN, shift=shift) for shift in (0.0, -0.7))
    assert moved[41:44] == pytest.approx(plain[41:44] - 0.7, abs=1e-5)
    assert np.delete(moved, [41, 42, 43]).tolist() == np.delete(plain, [41, 42, 43]).tolist()


def test_an_item_without_features_stands_with_the_least_popular_and_so_do_all_while_no_shift_is_known():
    lowest = float(BIAS[KNOWN].min())
    assert with_unknown_items(BIAS, FEATURES, KNOWN, shift=0.0)[44] == lowest
    assert with_unknown_items(BIAS, FEATURES, KNOWN, shift=None)[~KNOWN].tolist() == [lowest] * 5


def test_predictions_stay_within_what_was_learnt():
    features = FEATURES.copy()
    features[41] = [100.0, 0.0, 0.0]
    assert with_unknown_items(BIAS, features, KNOWN, shift=0.0)[41] == BIAS[KNOWN].max()


@pytest.mark.parametrize("known", [np.zeros(45, np.bool_), np.ones(45, np.bool_)])
def test_without_known_or_unknown_items_nothing_changes(known):
    assert with_unknown_items(BIAS, FEATURES, known, shift=0.0) is BIAS


def test_one_known_item_is_all_there_is_to_go_by():
    filled = with_unknown_items(BIAS, FEATURES, np.arange(45) == 7, shift=0.5)
    assert filled[1:44] == pytest.approx(np.where(np.arange(1, 44) == 7, BIAS[7], BIAS[7] + 0.5))


def test_unknown_items_are_described_and_not_taken():
    assert np.flatnonzero(unknown_items(FEATURES, KNOWN)).tolist() == [41, 42, 43]
