"""Calibration errors by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_training.calibration.errors import reliability


@pytest.mark.parametrize(
    ("probabilities", "taken", "bins", "error", "brier"),
    [
        ([0.0, 1.0], [0, 1], 2, 0.0, 0.0),
        ([1.0, 0.0], [0, 1], 2, 1.0, 1.0),
        ([0.5, 0.5, 0.5, 0.5], [1, 0, 1, 0], 4, 0.0, 0.25),
        # Bins (0.1, 0.2) with no taking and (0.6, 0.9) with one: |0.15 - 0| and |0.75 - 0.5|, half of the pairs each.
        ([0.1, 0.2, 0.6, 0.9], [0, 0, 0, 1], 2, 0.2, (0.01 + 0.04 + 0.36 + 0.01) / 4),
        # One bin: |0.45 - 0.25|.
        ([0.1, 0.2, 0.6, 0.9], [0, 0, 0, 1], 1, 0.2, 0.105),
    ],
)
def test_by_hand(probabilities, taken, bins, error, brier):
    found = reliability(np.array(probabilities, float), np.array(taken, bool), bins=bins)
    assert found.error == pytest.approx(error)
    assert found.brier == pytest.approx(brier)


def test_bins_are_shown_in_order_and_never_part_equals():
    found = reliability(np.array([0.9, 0.1, 0.1, 0.1]), np.array([True, False, True, False]), bins=4)
    assert found.pairs == (3, 1)
    assert found.said == pytest.approx((0.1, 0.9))
    assert found.happened == pytest.approx((1 / 3, 1.0))
    assert found.to_json()["pairs"] == [3, 1]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60), st.integers(1, 20))
def test_every_pair_is_in_one_bin(pairs, bins):
    said, taken = np.array([one for one, _ in pairs]), np.array([one for _, one in pairs])
    found = reliability(said, taken, bins=bins)
    assert sum(found.pairs) == len(pairs)
    assert len(found.pairs) <= bins
    assert 0 <= found.error <= 1
    assert 0 <= found.brier <= 1
    assert found.error >= abs(said.mean() - taken.mean()) - 1e-9
    assert np.dot(found.said, found.pairs) == pytest.approx(said.sum(), abs=1e-9)


def test_outcomes_must_fit():
    for said, taken in ((np.zeros(2), np.zeros(3, bool)), (np.zeros(0), np.zeros(0, bool))):
        with pytest.raises(ValueError, match="as many outcomes"):
            reliability(said, taken)
