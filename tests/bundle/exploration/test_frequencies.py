"""Lists drawn by the hundred thousand come as often as their logged probabilities say, and wrong ones are told."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm
from slates import choices_of, many, misfit, slots

from shortlist_bundle.diversity.rules import Rules, no_rules
from shortlist_bundle.exploration.boltzmann import Boltzmann
from shortlist_bundle.exploration.epsilon_greedy import EpsilonGreedy
from shortlist_bundle.exploration.exploration_policy import anything
from shortlist_bundle.exploration.linucb import LinUcb
from shortlist_bundle.exploration.posterior import Posterior
from shortlist_bundle.exploration.settings import Exploration
from shortlist_bundle.exploration.thompson import Thompson

SLATES = 100_000
SCORES = [-1.5, 0.3, 0.3, -0.2, 1.1]
"""Negative ones and a tie."""
FEATURES = np.array([[1.0, 0.2], [0.4, 1.0], [0.9, 0.1], [-0.3, 0.8], [0.5, 0.5]])
POSTERIOR = Posterior.of(np.array([[4.0, 1.0], [1.0, 3.0]]), np.array([2.0, 1.0]), noise=0.25)


def capped():
    """Return rules in which candidates 1, 2 and 4 are of one kind, of which a list may hold one."""
    return Rules(np.array([0, 0, 1, 2, 2, 3]), np.zeros(3, np.int32), np.array([1]), np.zeros(5, np.bool_))


CASES = {
    "epsilon-greedy": (EpsilonGreedy(), Exploration(policy="epsilon_greedy", strength=0.4), slots(3), {}),
    "epsilon-greedy, some slots": (
        EpsilonGreedy(), Exploration(policy="epsilon_greedy", strength=0.7), slots(4, 1, 3), {}
    ),
    "boltzmann": (Boltzmann(), Exploration(policy="boltzmann", strength=1.0, temperature=0.8), slots(3), {}),
    "boltzmann, mixed, some slots": (
        Boltzmann(), Exploration(policy="boltzmann", strength=0.6, temperature=1.5), slots(4, 0, 2), {}
    ),
    "boltzmann, the whole catalogue": (
        Boltzmann(), Exploration(policy="boltzmann", strength=1.0, temperature=0.5), slots(5), {}
    ),
    # One of the kind, then the two others, then the rules have to be given up.
    "boltzmann, capped": (
        Boltzmann(), Exploration(policy="boltzmann", strength=1.0, temperature=0.7), slots(4), {"rules": capped()}
    ),
    "linucb": (LinUcb(POSTERIOR), Exploration(policy="linucb", strength=0.5), slots(2), {"features": FEATURES}),
}  # fmt: skip


@pytest.fixture(scope="module")
def drawn():
    lists = {name: SLATES if name in ("epsilon-greedy", "boltzmann") else SLATES // 5 for name in CASES}
    return {
        name: many(policy, wanted, lists[name], explored, seed=7, relevance=SCORES, **rest)
        for name, (policy, wanted, explored, rest) in CASES.items()
    }


@pytest.mark.parametrize("name", CASES)
def test_lists_come_as_often_as_their_propensities_say(drawn, name):
    places, propensities = drawn[name]
    assert all(len(set(one)) == len(one) for one in places[:1_000].tolist())
    assert ((propensities > 0) & (propensities <= 1)).all()
    # The lists that came are all there are, but for very rare ones: their probabilities sum to 1.
    own = {tuple(one): chance for one, chance in zip(places.tolist(), propensities.prod(axis=1), strict=True)}
    assert 0.999 < sum(own.values()) < 1 + 1e-9
    assert misfit(places, propensities) > 0.001


@pytest.mark.parametrize("name", CASES)
def test_propensities_that_are_a_little_wrong_are_told_from_right_ones(drawn, name):
    places, propensities = drawn[name]
    wrong = propensities.copy()
    slot = int(np.flatnonzero((propensities < 1).any(axis=0))[0])
    wrong[:, slot] = np.where(propensities[:, slot] < 0.3, 1.1 * propensities[:, slot], propensities[:, slot])
    assert misfit(places, wrong) < 1e-6


def test_a_temperature_that_is_not_the_one_that_drew_is_told():
    wanted = Exploration(policy="boltzmann", strength=1.0, temperature=0.8)
    places, _ = many(Boltzmann(), wanted, 10_000, slots(3), seed=7, relevance=SCORES)
    other = Exploration(policy="boltzmann", strength=1.0, temperature=0.9)
    generator = np.random.default_rng(0)
    wrong = np.stack(
        [Boltzmann()(choices_of(SCORES), other, slots(3), row, generator).propensities for row in places]
    )  # fmt: skip
    assert misfit(places, wrong) < 1e-6


def test_boltzmann_is_the_softmax_of_what_remains_by_hand():
    wanted = Exploration(policy="boltzmann", strength=1.0, temperature=0.5)
    shown = np.array([4, 0], np.int64)
    draw = Boltzmann()(choices_of(SCORES), wanted, slots(2), shown, np.random.default_rng(0))
    weights = np.exp(np.array(SCORES) / 0.5)
    assert draw.places.tolist() == [4, 0]
    np.testing.assert_allclose(
        draw.propensities, [weights[4] / weights.sum(), weights[0] / (weights.sum() - weights[4])], rtol=1e-12
    )


def test_epsilon_greedy_by_hand():
    wanted = Exploration(policy="epsilon_greedy", strength=0.2)
    draw = EpsilonGreedy()(
        choices_of(SCORES), wanted, slots(3, 0, 2), np.array([4, 1, 0]), np.random.default_rng(0)
    )  # fmt: skip
    # The best of five; then no draw, and the best of the rest; then one of three that is not the best of them.
    np.testing.assert_allclose(draw.propensities, [0.8 + 0.2 / 5, 1.0, 0.2 / 3])


def thompson(features, *, strength=1.0, temperature=1.0, count=1_500, draws=200, k=1, seed=3):
    wanted = Exploration(policy="thompson", strength=strength, temperature=temperature)
    policy = Thompson(POSTERIOR, draws=draws)
    return many(policy, wanted, count, slots(k), seed=seed, relevance=SCORES[: len(features)], features=features)


def test_thompson_between_two_is_the_normal_probability_of_the_difference():
    places, propensities = thompson(FEATURES[:2])
    difference = FEATURES[0] - FEATURES[1]
    deviation = np.sqrt(difference @ np.linalg.inv(POSTERIOR.precision) @ difference)
    first = norm.cdf(difference @ POSTERIOR.mean / deviation)
    for place, truth in ((0, first), (1, 1 - first)):
        own = places[:, 0] == place
        assert abs(own.mean() - truth) < 4 * np.sqrt(truth * (1 - truth) / len(own))
        # The mean inverse of what is logged is the inverse of the truth.
        inverse = 1 / propensities[own, 0]
        assert abs(inverse.mean() - 1 / truth) < 4 * inverse.std() / np.sqrt(own.sum())


def test_thompson_among_three_is_an_orthant_probability():
    places, _ = thompson(FEATURES[:3], count=3_000, draws=20)
    covariance = np.linalg.inv(POSTERIOR.precision)
    truth = []
    for best in range(3):
        contrasts = np.stack([FEATURES[other] - FEATURES[best] for other in range(3) if other != best])
        mean = contrasts @ POSTERIOR.mean
        truth.append(multivariate_normal.cdf(np.zeros(2), mean, contrasts @ covariance @ contrasts.T))
    frequencies = np.bincount(places[:, 0], minlength=3) / len(places)
    np.testing.assert_allclose(frequencies, truth, atol=4 * np.sqrt(0.25 / len(places)))


def test_thompson_says_how_far_off_its_propensities_may_be():
    wanted = Exploration(policy="thompson", strength=0.5)
    shown, errors, chances = np.array([1, 3]), [], []
    for seed in range(120):
        draw = Thompson(POSTERIOR, draws=200)(
            choices_of(SCORES, features=FEATURES), wanted, slots(2), shown, np.random.default_rng(seed)
        )  # fmt: skip
        chances.append(draw.propensities)
        errors.append(draw.errors)
    spread, said = np.std(chances, axis=0), np.mean(errors, axis=0)
    np.testing.assert_allclose(said, spread, rtol=0.25)


def test_linucb_takes_the_highest_bound_or_any():
    wanted = Exploration(policy="linucb", strength=0.25, temperature=2.0)
    covariance = np.linalg.inv(POSTERIOR.precision)
    bounds = FEATURES @ POSTERIOR.mean + 2.0 * np.sqrt(np.einsum("kf,fg,kg->k", FEATURES, covariance, FEATURES))
    best = int(np.argmax(bounds))
    draw = LinUcb(POSTERIOR)(
        choices_of(SCORES, features=FEATURES), wanted, slots(1), np.array([best]), np.random.default_rng(0)
    )  # fmt: skip
    np.testing.assert_allclose(draw.propensities, [0.75 + 0.25 / 5])


@pytest.mark.parametrize("temperature", [1e-6, 1e-3, 1e3, 1e6])
@pytest.mark.parametrize("scores", [[0.0] * 4, [-1e300, 1e300, 0.0, -1.0], [-7.0, -8.0, -9.0, -7.0]])
def test_no_score_and_no_temperature_breaks_the_softmax(temperature, scores):
    wanted = Exploration(policy="boltzmann", strength=1.0, temperature=temperature)
    generator = np.random.default_rng(1)
    for _ in range(20):
        draw = Boltzmann()(choices_of(scores), wanted, slots(4), anything(4), generator)
        assert sorted(draw.places.tolist()) == [0, 1, 2, 3]
        assert np.isfinite(draw.propensities).all()
        assert (draw.propensities > 0).all()
        assert draw.propensities[-1] == pytest.approx(1.0)


def test_a_cold_softmax_shares_a_place_between_equal_scores():
    wanted = Exploration(policy="boltzmann", strength=1.0, temperature=1e-6)
    draw = Boltzmann()(choices_of([1.0, 2.0, 2.0]), wanted, slots(2), anything(2), np.random.default_rng(0))
    assert sorted(draw.places.tolist()) == [1, 2]
    np.testing.assert_allclose(draw.propensities, [0.5, 1.0])


def test_caps_and_quotas_bind_what_is_drawn():
    reserved = np.array([True, False, False, False, False])
    rules = Rules(*no_rules(5)[:3], reserved)
    wanted = Exploration(policy="boltzmann", strength=1.0, temperature=5.0)
    places, _ = many(Boltzmann(), wanted, 300, slots(2), seed=1, relevance=SCORES, rules=rules)
    assert (places == 0).any(axis=1).all()
    places, _ = many(EpsilonGreedy(), Exploration(policy="epsilon_greedy", strength=1.0), 300, slots(3), seed=1,
                     relevance=SCORES, rules=capped())  # fmt: skip
    assert (np.isin(places, [1, 2, 4]).sum(axis=1) <= 1).all()
