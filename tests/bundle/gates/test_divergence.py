"""How far apart distributions are, by hand and by its bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.gates.divergence import jensen_shannon, number_drift, value_drift

COUNTS = st.lists(st.floats(0, 1e6), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("first", "second", "bits"),
    [
        ([1, 1], [1, 1], 0.0),
        ([5, 0], [0, 3], 1.0),
        # p = (1, 0), q = (1/2, 1/2), m = (3/4, 1/4): (log2(4/3) + (log2(2/3) + log2(2)) / 2) / 2.
        ([1, 0], [2, 2], (np.log2(4 / 3) + (np.log2(2 / 3) + 1) / 2) / 2),
        ([0, 0], [0, 0], 0.0),
        ([0, 0], [1, 0], 1.0),
    ],
)
def test_by_hand(first, second, bits):
    assert jensen_shannon(np.array(first, float), np.array(second, float)) == pytest.approx(bits)


@given(COUNTS, COUNTS)
def test_it_is_symmetric_and_within_a_bit(first, second):
    size = min(len(first), len(second))
    one, two = np.array(first[:size]), np.array(second[:size])
    assert jensen_shannon(one, two) == pytest.approx(jensen_shannon(two, one), abs=1e-9)
    assert 0.0 <= jensen_shannon(one, two) <= 1.0
    assert jensen_shannon(one, 3 * one) == pytest.approx(0.0, abs=1e-9)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="one shape"):
        jensen_shannon(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="negative"):
        jensen_shannon(np.array([-1.0, 2.0]), np.ones(2))


def test_two_draws_of_one_thing_have_not_drifted_and_a_shift_has():
    random = np.random.default_rng(0)
    draw, again = random.normal(size=(2, 2_000))
    assert number_drift(draw, again) < 0.005
    assert number_drift(draw, again + 1.0) > 0.1
    assert number_drift(draw, np.where(random.random(2_000) < 0.5, np.nan, again)) > 0.1


def test_values_that_are_new_or_gone_count():
    assert value_drift(["a", "b"] * 500, ["b", "a"] * 500) == pytest.approx(0.0, abs=1e-9)
    assert value_drift(["a"] * 1_000, ["b"] * 1_000) > 0.95
    assert value_drift([], []) == 0.0
