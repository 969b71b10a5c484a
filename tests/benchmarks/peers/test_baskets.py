from dataclasses import replace

import numpy as np
import pytest
from benchmarks.peers.baskets import frequencies, tifu_knn

A, B, C = 0, 1, 2


@pytest.fixture
def log(task):
    """Customer 0 has three baskets, {A, B}, {A}, {C}; customer 1 has one, {B}; customer 2 one, {C}."""
    owners = np.array([0, 0, 0, 0, 1, 2])
    taken = np.array([A, B, A, C, B, C])
    times = np.array([1.0, 1.0, 2.0, 3.0, 9.0, 9.0])
    return replace(
        task, customers=["x", "y", "z"], items=["A", "B", "C"], owners=owners, taken=taken, times=times, orders=None,
        k=1,
    )  # fmt: skip


def test_few_baskets_are_groups_of_their_own(log):
    """Decay 0.7 between groups, the mean of three: the newest 1/3, then 0.7/3, then 0.49/3."""
    expected = [[(0.49 + 0.7) / 3, 0.49 / 3, 1 / 3], [0, 1, 0], [0, 0, 1]]
    np.testing.assert_allclose(frequencies(log).toarray(), expected)


def test_many_baskets_share_groups(log):
    """Fourteen baskets make seven groups of two: within one the older counts 0.9, and both are halved."""
    many = replace(
        log, customers=["x"], owners=np.zeros(14, int), taken=np.array([A] * 13 + [B]), times=np.arange(14.0)
    )
    found = frequencies(many).toarray()[0]
    assert found[B] == pytest.approx(1 / 2 / 7)
    assert found.sum() == pytest.approx(1.9 / 2 / 7 * sum(0.7**n for n in range(7)))


def test_the_score_is_the_own_past_and_the_mean_of_the_neighbours(log):
    """Both others are neighbours: A 0.7 x 0.397, B 0.7 x 0.163 + 0.3 / 2, C 0.7 x 0.333 + 0.3 / 2."""
    assert tifu_knn(replace(log, k=3), 0).lists("all")[0].tolist() == [C, A, B]


def test_an_order_is_a_basket_whatever_the_clock_says(log):
    one = replace(log, orders=np.array([7, 7, 7, 7, 8, 9]))
    np.testing.assert_allclose(frequencies(one).toarray()[0], [1, 1, 1])
