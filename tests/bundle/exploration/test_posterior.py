"""What a head knows after rewards, and what its features are."""

import numpy as np
import pytest

from shortlist_bundle.exploration.head import CURIOSITY, head_features, head_prior, novelty_of, with_novelty
from shortlist_bundle.exploration.posterior import Posterior


def at_once(prior, features, rewards):
    precision = prior.precision + features.T @ features / prior.noise
    return Posterior.of(precision, prior.vector + features.T @ rewards / prior.noise, noise=prior.noise)


def test_by_hand():
    """Prior N(0, 1) for one weight, noise 1/2: a reward of 3 at x = 2 adds 8 to the precision and 12 to the vector."""
    own = at_once(Posterior.prior(np.zeros(1), np.ones(1), noise=0.5), np.array([[2.0]]), np.array([3.0]))
    assert own.precision.tolist() == [[9.0]]
    assert own.vector.tolist() == [12.0]
    assert own.mean[0] == pytest.approx(12 / 9)
    assert own.deviations(np.array([[2.0], [6.0]])) == pytest.approx([2 / 3, 2.0])


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
    features = head_features(chances, customer, items, novelty=novelty_of(np.array([0.0, 1.0, 99.0])))
    assert features.shape == (3, 11)
    np.testing.assert_allclose(features @ head_prior(11).mean, chances)
    np.testing.assert_allclose(features[:, -1], [1.0, 0.5, 0.01])
    cosines = [
        one[:-1] @ customer[:-1] / np.linalg.norm(one[:-1]) / np.linalg.norm(customer[:-1]) for one in items
    ]  # fmt: skip
    np.testing.assert_allclose(features[:, 2:-1].sum(axis=1), np.array(cosines) * np.sqrt(8), rtol=1e-6)
    # Of a customer of whom nothing is known, and of items without a vector, nothing meets.
    nobody = head_features(chances, np.zeros(9, np.float32), items, novelty=np.zeros(3))
    assert not nobody[:, 2:].any()


def test_the_head_learns_what_its_expectations_miss():
    random = np.random.default_rng(1)
    truth = np.concatenate([[0.05, 1.0], random.normal(scale=0.2, size=8)])
    features = np.column_stack(
        [np.ones(1_200), random.uniform(0, 0.3, 1_200), random.normal(scale=0.35, size=(1_200, 8))]
    )
    prior = head_prior(10)
    own = at_once(prior, features[:1_000], features[:1_000] @ truth + random.normal(scale=0.3, size=1_000))
    new = features[1_000:]
    missed = [np.mean(np.square(new @ (one.mean - truth))) for one in (prior, own)]
    assert missed[1] < 0.25 * missed[0]


def test_a_head_of_before_there_was_novelty_knows_nothing_of_it():
    old = at_once(head_prior(5), np.array([[1.0, 0.3, 0.1, -0.1, 0.2]]), np.ones(1))
    own = with_novelty(old)
    np.testing.assert_allclose(own.mean, [*old.mean, 0.0])
    new = np.append(np.zeros(5), 1.0)
    np.testing.assert_allclose(own.deviations(new[None]), CURIOSITY)
