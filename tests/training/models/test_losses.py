import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax, logsumexp

from shortlist_training.models.losses import (
    NEVER,
    bayesian_personalised_ranking,
    listwise_softmax,
    pointwise_cross_entropy,
    sampled_softmax,
    softmax_over_catalogue,
)

RANDOM = np.random.default_rng(0)
ALL_ITEMS = np.arange(1, 6, dtype=np.int32)


def floats(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


def catalogue_logits(count):
    logits = 2 * floats(count, 6)
    logits[:, 0] = NEVER
    return logits


def sampled(logits, targets, weights, rows, expected):
    """Call the sampled loss with the logits of a whole catalogue."""
    return float(
        sampled_softmax(
            tf.constant(np.take_along_axis(logits, targets, axis=1)),
            tf.constant(logits[:, rows]),
            targets=tf.constant(targets),
            weights=tf.constant(weights),
            sampled_rows=tf.constant(np.array(rows, np.int32)),
            log_expected=tf.constant(np.log(expected).astype(np.float32)),
        )
    )


def test_softmax_over_the_catalogue_by_hand():
    # Shares of 1/2, 1/4 and 1/4: a target of the first costs ln 2, of the others ln 4.
    logits = np.log(np.array([[1e-30, 2, 1, 1]], np.float32))
    loss = softmax_over_catalogue(logits, np.array([[1, 2, 0]]), np.array([[1.0, 1.0, 0.0]], np.float32))
    assert float(loss) == pytest.approx((np.log(2) + np.log(4)) / 2)
    loss = softmax_over_catalogue(logits, np.array([[1, 2, 0]]), np.array([[1.0, 0.5, 0.0]], np.float32))
    assert float(loss) == pytest.approx((np.log(2) + 0.5 * np.log(4)) / 1.5)


def test_softmax_over_the_catalogue_against_numpy():
    logits, targets = catalogue_logits(4), RANDOM.integers(1, 6, (4, 3)).astype(np.int32)
    weights = RANDOM.random((4, 3)).astype(np.float32)
    each = -np.take_along_axis(log_softmax(logits.astype(np.float64), axis=1), targets, axis=1)
    expected = (weights * each).sum() / weights.sum()
    assert float(softmax_over_catalogue(logits, targets, weights)) == pytest.approx(expected, rel=1e-5)


def test_a_batch_of_padding_costs_nothing():
    nothing, targets = np.zeros((2, 2), np.float32), np.zeros((2, 2), np.int32)
    assert float(softmax_over_catalogue(catalogue_logits(2), targets, nothing)) == 0
    assert sampled(catalogue_logits(2), targets, nothing, [1, 2], [1.0, 1.0]) == 0
    assert float(bayesian_personalised_ranking(np.zeros(2, np.float32), floats(2, 3), np.zeros(2, np.float32))) == 0
    assert float(listwise_softmax(floats(2, 3), np.zeros((2, 3), np.float32), np.ones((2, 3), np.float32))) == 0
    assert float(pointwise_cross_entropy(floats(2, 3), floats(2, 3), np.zeros((2, 3), np.float32))) == 0


def test_the_whole_catalogue_as_the_sample_is_the_full_softmax():
    logits, targets = catalogue_logits(8), RANDOM.integers(1, 6, (8, 1)).astype(np.int32)
    weights = RANDOM.random((8, 1)).astype(np.float32)
    full = float(softmax_over_catalogue(logits, targets, weights))
    assert sampled(logits, targets, weights, ALL_ITEMS, np.ones(5)) == pytest.approx(full, rel=1e-5)


def test_the_correction_makes_up_for_items_that_are_sampled_more_often():
    """Every item twice among the samples, expected twice: the same loss as once."""
    logits, targets, weights = catalogue_logits(8), np.full((8, 1), 2, np.int32), np.ones((8, 1), np.float32)
    once = sampled(logits, targets, weights, ALL_ITEMS, np.ones(5))
    twice = sampled(logits, targets, weights, np.tile(ALL_ITEMS, 2), np.full(10, 2.0))
    assert twice == pytest.approx(once, rel=1e-5)


def test_sampled_softmax_by_hand():
    # Target 1 with weight e^0 = 1; samples 2 (weight 3, expected 1.5) and 3 (weight 4, expected 1): 1 / (1 + 2 + 4).
    logits = np.log(np.array([[1e-30, 1, 3, 4]], np.float32))
    loss = sampled(logits, np.array([[1]], np.int32), np.ones((1, 1), np.float32), [2, 3], [1.5, 1.0])
    assert loss == pytest.approx(np.log(7), rel=1e-5)


def test_an_accidental_hit_counts_for_nothing():
    logits, targets = catalogue_logits(1), np.array([[1, 3]], np.int32)
    weights = np.ones((1, 2), np.float32)
    with_hits = sampled(logits, targets, weights, [1, 2, 3, 4], np.ones(4))
    assert with_hits == pytest.approx(sampled(logits, targets, weights, [2, 4], np.ones(2)), rel=1e-5)
    rest = logsumexp(logits[0, [2, 4]])
    expected = np.mean([np.log1p(np.exp(rest - logits[0, 1])), np.log1p(np.exp(rest - logits[0, 3]))])
    assert with_hits == pytest.approx(expected, rel=1e-5)


def test_listwise_softmax_by_hand():
    logits = np.log(np.array([[2, 1, 1, 5], [1, 1, 1, 1], [3, 1, 1, 1]], np.float32))
    labels = np.array([[1, 0, 0, 0], [0, 0, 0, 0], [1, 1, 0, 0]], np.float32)
    present = np.array([[1, 1, 1, 0], [1, 1, 1, 1], [1, 1, 1, 1]], np.float32)
    # One label of share 1/2; a list without labels; two labels of shares 1/2 and 1/6, divided by the root of two.
    expected = (np.log(2) + (np.log(2) + np.log(6)) / np.sqrt(2)) / 2
    assert float(listwise_softmax(logits, labels, present)) == pytest.approx(expected, rel=1e-5)


def test_the_score_of_padding_changes_no_listwise_loss():
    logits, labels = floats(3, 5), (RANDOM.random((3, 5)) < 0.5).astype(np.float32)
    present = np.array([[1, 1, 1, 0, 0]] * 3, np.float32)
    labels *= present
    shifted = logits + 50 * (1 - present)
    for loss in (listwise_softmax, pointwise_cross_entropy):
        assert float(loss(logits, labels, present)) == pytest.approx(float(loss(shifted, labels, present)), rel=1e-6)


def test_pointwise_cross_entropy_by_hand():
    logits = np.log(np.array([[3, 1 / 3, 9]], np.float32))
    loss = pointwise_cross_entropy(logits, np.array([[1, 1, 0]], np.float32), np.array([[1, 1, 0]], np.float32))
    assert float(loss) == pytest.approx(-(np.log(3 / 4) + np.log(1 / 4)) / 2, rel=1e-5)


def test_bayesian_personalised_ranking_by_hand():
    positive, negative = np.log(np.array([3, 1], np.float32)), np.log(np.array([[1, 3], [1, 1]], np.float32))
    # Won with probability 3/4 and 1/2 against the first's two negatives, 1/2 and 1/2 against the second's.
    each = np.array([-(np.log(3 / 4) + np.log(1 / 2)) / 2, -np.log(1 / 2)])
    for weights in ([1, 1], [1, 3]):
        loss = bayesian_personalised_ranking(positive, negative, np.array(weights, np.float32))
        assert float(loss) == pytest.approx(np.average(each, weights=weights), rel=1e-5)


def test_extreme_logits_overflow_nothing():
    logits = np.array([[NEVER, 1e4, -1e4, 0]], np.float32)
    targets, ones = np.array([[2]], np.int32), np.ones((1, 1), np.float32)
    assert float(softmax_over_catalogue(logits, targets, ones)) == pytest.approx(2e4)
    assert sampled(logits, targets, ones, [1, 3], [1.0, 1.0]) == pytest.approx(2e4)
    assert np.isfinite(float(listwise_softmax(logits, np.array([[0, 0, 1, 0.0]], np.float32), np.ones((1, 4)))))
    assert float(bayesian_personalised_ranking(logits[0, 2:3], logits[:, 1:2], ones[0])) == pytest.approx(2e4)
