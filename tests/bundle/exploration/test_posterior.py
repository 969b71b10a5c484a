"""The posterior after many single updates is the posterior of all rewards at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_bundle.exploration.cholesky import cholesky_updated
from shortlist_bundle.exploration.head import head_features, head_prior
from shortlist_bundle.exploration.posterior import Posterior, updated


def at_once(prior, features, rewards):
    precision = prior.precision + features.T @ features / prior.noise
    return Posterior.of(precision, prior.vector + features.T @ rewards / prior.noise, noise=prior.noise)


@settings(max_examples=40)
@given(st.integers(1, 9), st.integers(0, 40), st.integers(0, 2**31))
def test_one_by_one_is_all_at_once(width, count, seed):
    random = np.random.default_rng(seed)
    prior = Posterior.prior(random.normal(size=width), random.uniform(0.05, 2.0, width), noise=0.3)
    features, rewards = random.normal(size=(count, width)), random.uniform(-1, 2, count)
    own = prior
    for row, reward in zip(features, rewards, strict=True):
        own = updated(own, row, float(reward))
    whole = at_once(prior, features, rewards)
    for name in ("precision", "vector", "factor", "mean"):
        np.testing.assert_allclose(getattr(own, name), getattr(whole, name), rtol=1e-8, atol=1e-9)
    assert own.rewards == count


def test_thousands_of_updates_do_not_drift():
    random = np.random.default_rng(5)
    prior = head_prior(16)
    own, features = prior, random.normal(size=(3_000, 16))
    features[:, 3] = 1e-7 * features[:, 3] + features[:, 4]
    rewards = (random.uniform(size=3_000) < 0.1).astype(float)
    for row, reward in zip(features, rewards, strict=True):
        own = updated(own, row, reward)
    whole = at_once(prior, features, rewards)
    np.testing.assert_allclose(own.factor @ own.factor.T, whole.precision, rtol=1e-10, atol=1e-8)
    np.testing.assert_allclose(own.mean, whole.mean, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(own.deviations(features[:50]), whole.deviations(features[:50]), rtol=1e-8)


def test_by_hand():
    """Prior N(0, 1) for one weight, noise 1/2: a reward of 3 at x = 2 adds 8 to the precision and 12 to the vector."""
    own = updated(Posterior.prior(np.zeros(1), np.ones(1), noise=0.5), np.array([2.0]), 3.0)
    assert own.precision.tolist() == [[9.0]]
    assert own.vector.tolist() == [12.0]
    assert own.mean[0] == pytest.approx(12 / 9)
    assert own.deviations(np.array([[2.0], [6.0]])) == pytest.approx([2 / 3, 2.0])
    np.testing.assert_allclose(cholesky_updated(np.eye(1), np.array([2.0 / np.sqrt(0.5)])), [[3.0]])


def test_an_update_leaves_what_was_given():
    prior = head_prior(5)
    before = prior.precision.copy(), prior.vector.copy(), prior.factor.copy()
    updated(prior, np.ones(5), 1.0)
    for one, other in zip(before, (prior.precision, prior.vector, prior.factor), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("features", "reward"), [(np.ones(4), 1.0), (np.full(5, np.nan), 1.0), (np.ones(5), np.inf), (np.ones((1, 5)), 1.0)]
)
def test_what_cannot_be_learnt_from_is_refused(features, reward):
    with pytest.raises(ValueError, match="finite"):
        updated(head_prior(5), features, reward)


@pytest.mark.parametrize("precision", [-np.eye(2), np.ones((2, 2)), np.eye(3)])
def test_what_is_no_posterior_is_refused(precision):
    with pytest.raises(ValueError):
        Posterior.of(precision, np.zeros(2), noise=0.1)


def test_draws_have_the_mean_and_covariance_of_the_posterior():
    own = Posterior.of(np.array([[4.0, 1.0], [1.0, 3.0]]), np.array([2.0, 1.0]), noise=0.25)
    draws = own.draws(40_000, 2.0, np.random.default_rng(2))
    np.testing.assert_allclose(draws.mean(axis=0), own.mean, atol=0.03)
    np.testing.assert_allclose(np.cov(draws.T), 4.0 * np.linalg.inv(own.precision), atol=0.05)


def test_a_head_that_has_learnt_nothing_expects_what_is_expected():
    random = np.random.default_rng(0)
    chances, customer = np.array([0.4, 0.1, 0.02]), random.normal(size=9).astype(np.float32)
    items = random.normal(size=(3, 9)).astype(np.float32)
    features = head_features(chances, customer, items)
    assert features.shape == (3, 10)
    np.testing.assert_allclose(features @ head_prior(10).mean, chances)
    cosines = [
        one[:-1] @ customer[:-1] / np.linalg.norm(one[:-1]) / np.linalg.norm(customer[:-1]) for one in items
    ]  # fmt: skip
    np.testing.assert_allclose(features[:, 2:].sum(axis=1), np.array(cosines) * np.sqrt(8), rtol=1e-6)
    # Of a customer of whom nothing is known, and of items without a vector, nothing meets.
    assert not head_features(chances, np.zeros(9, np.float32), items)[:, 2:].any()


def test_the_head_learns_what_its_expectations_miss():
    random = np.random.default_rng(1)
    truth = np.concatenate([[0.05, 1.0], random.normal(scale=0.2, size=8)])
    features = np.column_stack(
        [np.ones(1_200), random.uniform(0, 0.3, 1_200), random.normal(scale=0.35, size=(1_200, 8))]
    )
    prior = own = head_prior(10)
    for row in features[:1_000]:
        own = updated(own, row, row @ truth + random.normal(scale=0.3))
    new = features[1_000:]
    missed = [np.mean(np.square(new @ (one.mean - truth))) for one in (prior, own)]
    assert missed[1] < 0.25 * missed[0]
