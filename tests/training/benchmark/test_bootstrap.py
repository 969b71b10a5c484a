import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_training.benchmark.bootstrap import paired_interval


def test_the_interval_by_hand():
    """Two customers with differences 0 and 1: a resample has mean 0, 1/2 or 1, with chances 1/4, 1/2, 1/4."""
    found = paired_interval(np.array([0.5, 1.0]), np.array([0.5, 0.0]))
    assert (found.difference, found.low, found.high) == (0.5, 0.0, 1.0)


def test_a_steady_difference_leaves_no_doubt():
    other = np.linspace(0, 0.5, 50)
    found = paired_interval(other + 0.25, other)
    assert found.low == pytest.approx(found.difference) == pytest.approx(found.high) == pytest.approx(0.25)


def test_it_is_as_wide_as_the_standard_error_says():
    differences = np.random.default_rng(3).normal(0.1, 1.0, 2000)
    found = paired_interval(differences, np.zeros(2000))
    assert found.high - found.low == pytest.approx(2 * 1.96 * differences.std() / np.sqrt(2000), rel=0.1)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 5))
def test_the_same_seed_gives_the_same_interval_and_the_other_way_round_its_mirror(values, seed):
    one, other = np.array(values), np.array(values[::-1])
    first = paired_interval(one, other, seed=seed, resamples=50)
    assert first == paired_interval(one, other, seed=seed, resamples=50)
    mirrored = paired_interval(other, one, seed=seed, resamples=50)
    assert mirrored.low == pytest.approx(-first.high, abs=1e-12)


def test_other_customers_cannot_be_paired():
    with pytest.raises(ValueError, match="paired"):
        paired_interval(np.zeros(2), np.zeros(3))
