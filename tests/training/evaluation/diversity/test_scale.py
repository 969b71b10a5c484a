"""The scale of max-sum diversification: found where it is obvious, and careful where it is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_training.evaluation.diversity.scale import (
    DOUBT,
    STEPS,
    Loss,
    Shown,
    crossing,
    expected_ndcg,
    learnt_scale,
    loss_of,
    steps_for,
)
from shortlist_training.evaluation.metrics import Figure
from shortlist_training.evaluation.targets import Targets

SCALES = np.array([1.0, 2.0, 4.0, 8.0])


def loss(mean, error=0.0, expected=None):
    return Loss(observed=Figure(mean, error), expected=mean if expected is None else expected)


def targets_of(hits):
    """Return the targets of customers whose items 1..k are, or are not, taken; bool [J, k]."""
    customers, width = len(hits), 1_000
    owners, places = np.nonzero(hits)
    return Targets(
        rows=np.arange(customers),
        width=width,
        keys=owners * width + places + 1,
        sizes=hits.sum(axis=1).astype(np.int64),
    )


def test_expected_ndcg_by_hand():
    first, second = 1.0, 1 / np.log2(3)
    found = expected_ndcg(np.array([[0.5, 0.25], [0.5, 0.25]]), np.array([1, 7]))
    np.testing.assert_allclose(found, [(0.5 + 0.25 * second) / first, (0.5 + 0.25 * second) / (first + second)])
    with pytest.raises(ValueError, match="needs chances"):
        expected_ndcg(np.zeros((2, 3)), np.zeros(3, np.int64))


def test_a_loss_by_hand():
    targets = targets_of(np.array([[True, False], [True, False]]))
    plain = Shown(items=np.array([[1, 2], [1, 2]], np.int32), chances=np.array([[0.6, 0.2], [0.6, 0.2]]))
    turned = Shown(items=np.array([[2, 1], [1, 2]], np.int32), chances=np.array([[0.2, 0.6], [0.6, 0.2]]))
    second = 1 / np.log2(3)
    found = loss_of(turned, plain, targets)
    assert found.observed.mean == pytest.approx((1 - second) / 2)
    assert found.observed.error > 0
    assert found.expected == pytest.approx(0.4 * (1 - second) / 2 / (0.6 + 0.2 * second))
    assert loss_of(plain, plain, targets) == loss(0.0)


def test_a_large_window_is_believed_and_a_small_one_is_not():
    assert loss(0.02, error=1e-6, expected=0.01).joined.mean == pytest.approx(0.02, rel=1e-3)
    assert loss(0.02, error=1.0, expected=0.01).joined.mean == pytest.approx(0.01, rel=1e-2)
    # Where both are equally sure they meet in the middle, half as uncertain in variance.
    both = loss(0.02, error=DOUBT * 0.01, expected=0.01).joined
    assert (both.mean, both.error) == (pytest.approx(0.015), pytest.approx(DOUBT * 0.01 / np.sqrt(2)))
    assert loss(0.0, error=0.0, expected=0.0).joined == Figure(0.0, 0.0)


@given(st.floats(-0.1, 0.1), st.floats(0, 0.1), st.floats(0, 0.1))
def test_what_is_joined_lies_between_its_parts_and_is_surer(observed, error, expected):
    joined = loss(observed, error, expected).joined
    assert min(observed, expected) - 1e-12 <= joined.mean <= max(observed, expected) + 1e-12
    assert joined.error <= min(error, DOUBT * expected) + 1e-12


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ([0.0, 0.005, 0.015, 0.03], 2 * np.sqrt(2)),
        ([0.001, 0.002, 0.009, 0.011], 4 * np.sqrt(2)),
        # It has cost too much at 2 and never comes back, although noise says so.
        ([0.0, 0.02, 0.0, 0.0], np.sqrt(2)),
        ([0.0, 0.001, 0.002, 0.01], 8.0),
        ([0.0, 0.0, 0.0, 0.0], 8.0),
        ([0.02, 0.03, 0.04, 0.05], None),
    ],
)
def test_where_the_loss_crosses_a_hundredth(means, expected):
    # No doubt is left where the observation is exact.
    found = crossing(SCALES, [loss(mean) for mean in means])
    assert found == (expected if expected is None else pytest.approx(expected, rel=1e-5))


def test_doubt_makes_it_careful():
    means = [0.0, 0.005, 0.015, 0.03]
    sure, unsure = ([loss(mean, error) for mean in means] for error in (0.0, 0.004))
    assert crossing(SCALES, unsure) < crossing(SCALES, sure)


def planted(customers=400, at=3.0, cost=0.05):
    """Return lists whose first item gives way to one with fewer takings as soon as a scale is above `at`."""
    plain = Shown(items=np.tile([1, 2], (customers, 1)).astype(np.int32), chances=np.tile([2.0, 1.0], (customers, 1)))
    worse = Shown(
        items=np.tile([1, 3], (customers, 1)).astype(np.int32), chances=np.tile([2.0, 1.0 - 2 * cost], (customers, 1))
    )
    hits = np.zeros((customers, 3), bool)
    hits[:, :2] = True
    hits[: customers // 10, 1], hits[: customers // 10, 2] = False, True
    return (lambda scale: worse if scale > at else plain), plain, targets_of(hits)


@pytest.mark.parametrize("at", [0.1, 1.0, 3.0, 20.0])
def test_the_scale_is_just_below_the_first_that_costs_too_much(at):
    show, plain, targets = planted(at=at)
    scale, found = learnt_scale(show, plain, targets)
    assert at / (STEPS[1] / STEPS[0]) <= scale <= at * (STEPS[1] / STEPS[0])
    assert found in (loss_of(show(at), plain, targets), loss_of(show(2 * at), plain, targets))


def test_what_always_costs_too_much_and_what_nobody_would_take_teach_nothing():
    show, plain, targets = planted(at=0.0)
    assert learnt_scale(show, plain, targets) is None
    hopeless = Shown(items=plain.items, chances=np.zeros_like(plain.chances))
    assert learnt_scale(lambda scale: hopeless, hopeless, targets) is None


def test_the_steps_follow_what_the_lists_hope_for():
    _, plain, _ = planted()
    np.testing.assert_allclose(steps_for(plain), 3.0 * STEPS)
