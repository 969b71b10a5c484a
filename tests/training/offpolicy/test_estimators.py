"""Estimates by hand, and the bounds between them that always hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_training.errors import OverlapError
from shortlist_training.offpolicy.clipped_ips import BOUND, clipped_ips
from shortlist_training.offpolicy.comparison import Comparison, Offers
from shortlist_training.offpolicy.doubly_robust import doubly_robust, doubly_robust_terms
from shortlist_training.offpolicy.intervals import (
    BOOTSTRAP,
    Certainty,
    bernstein_bounds,
    interval_of_mean,
    interval_of_ratio,
    without_skewness,
)
from shortlist_training.offpolicy.ips import ips, snips
from shortlist_training.offpolicy.item_position import iips
from shortlist_training.offpolicy.judging import ESTIMATORS, judge
from shortlist_training.offpolicy.overlap import LEAST_SAMPLE, overlap_of
from shortlist_training.offpolicy.replay import replay
from shortlist_training.offpolicy.reward_model import expected_rewards
from shortlist_training.offpolicy.slates import read_comparison
from tables import two_items, written

CERTAINTY = Certainty()


def singles(weights, rewards):
    """Return slates of one item each with these weights."""
    weights, rewards = np.asarray(weights, np.float64), np.asarray(rewards, np.float64)
    logged = np.full((len(weights), 1), 1.0 / max(weights.max(), 1.0))
    return Comparison(
        shown=np.ones_like(logged, np.bool_), items=np.zeros(logged.shape, np.int64), rewards=rewards[:, None],
        logged=logged, new=weights[:, None] * logged,
    )  # fmt: skip


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    return read_comparison(*written(tmp_path_factory.mktemp("known"), *two_items(4_000)))


def test_one_item_by_hand(known):
    """Weights are 2/3 for a and 2 for b."""
    assert np.unique(known.whole).tolist() == pytest.approx([2 / 3, 2])
    for estimator in (ips, snips, iips):
        assert estimator(known, CERTAINTY).value == pytest.approx(0.75)
    # (6 x 2/3 + 2 x 2)^2 / (6 x 4/9 + 2 x 4) of 8.
    assert ips(known, CERTAINTY).sample == pytest.approx(4_000 / 8 * 64 / (32 / 3))
    # The model is exact but for what it is drawn towards the mean, and what it misses is made good.
    found = doubly_robust(known, CERTAINTY)
    assert (found.estimator, found.value) == ("dr", pytest.approx(0.75, abs=1e-3))
    assert clipped_ips(known, CERTAINTY).value == pytest.approx(0.75)
    # Of the a's a third is kept, of the b's all.
    kept = replay(known, CERTAINTY)
    assert kept.sample == pytest.approx(2_000, rel=0.05)
    assert kept.value == pytest.approx(0.75, abs=0.03)


def test_ips_interval_by_hand():
    """Terms of 0 and 2 in equal parts: mean 1, deviation 1 (n - 1 below), 1.96 times its part of the root of n."""
    found = ips(singles([1.0] * 400, [0.0, 2.0] * 200), CERTAINTY)
    reach = 1.959964 * np.sqrt(400 / 399) / 20
    assert (found.interval.low, found.interval.high) == pytest.approx((1 - reach, 1 + reach), rel=1e-6)
    assert found.interval.kind == "normal"


def test_clipping_loses_what_the_interval_gives_back():
    weights = np.array([0.5] * 1_800 + [25.0] * 10 + [0.0] * 190)
    rewards = np.array([0.0] * 1_800 + [1.0] * 10 + [0.0] * 190)
    found = clipped_ips(singles(weights, rewards), CERTAINTY)
    assert found.value == pytest.approx(10 * BOUND / 2_000)
    assert found.interval.low <= 250 / 2_000 <= found.interval.high
    with pytest.raises(OverlapError, match="below 0"):
        clipped_ips(singles(weights, -rewards), CERTAINTY)


def test_cascade_weights_by_hand():
    """Two positions: rewards of the first are weighted by 2, of the second by 2 x 0.5."""
    count = 400
    comparison = Comparison(
        shown=np.ones((count, 2), np.bool_), items=np.zeros((count, 2), np.int64),
        rewards=np.tile([1.0, 3.0], (count, 1)), logged=np.tile([0.25, 0.8], (count, 1)),
        new=np.tile([0.5, 0.4], (count, 1)),
    )  # fmt: skip
    assert ESTIMATORS["rips"](comparison, CERTAINTY).value == pytest.approx(2 * 1 + 1 * 3)
    assert ips(comparison, CERTAINTY).value == pytest.approx(1 * 4)
    with pytest.raises(OverlapError, match="marginal_probability"):
        iips(comparison, CERTAINTY)
    with pytest.raises(OverlapError, match="every item that the policy might show"):
        doubly_robust(comparison, CERTAINTY)


def test_a_policy_like_the_log_has_earned_what_was_logged():
    random = np.random.default_rng(0)
    shown = np.ones((500, 3), np.bool_)
    shown[::2, 2] = False
    rewards = np.where(shown, random.random((500, 3)), 0.0)
    chances = np.where(shown, random.uniform(0.1, 1, (500, 3)), 0.0)
    same = Comparison(
        shown=shown, items=random.integers(0, 4, (500, 3)) * shown, rewards=rewards, logged=chances, new=chances,
        logged_marginal=chances, new_marginal=chances,
    )  # fmt: skip
    for name in ("replay", "ips", "clipped_ips", "snips", "iips", "rips"):
        assert ESTIMATORS[name](same, CERTAINTY).value == pytest.approx(rewards.sum(axis=1).mean())


@settings(max_examples=60)
@given(st.integers(2, 60), st.integers(0, 2**31))
def test_the_effective_sample_is_between_one_and_all(count, seed):
    weights = np.random.default_rng(seed).exponential(size=count)
    found = overlap_of(weights)
    assert 1.0 - 1e-9 <= found.sample <= count + 1e-9
    assert overlap_of(np.full(count, 0.3)).sample == pytest.approx(count)


def test_doubly_robust_needs_no_weights_where_the_model_is_right():
    """Without noise its terms hardly vary, whatever the weights; those of IPS do."""
    random = np.random.default_rng(1)
    count, worth = 5_000, np.array([0.2, 0.7, 0.4])
    logging, new = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    items = random.choice(3, count, p=logging)[:, None]
    offers = Offers(
        slates=np.repeat(np.arange(count), 3), positions=np.zeros(3 * count, np.int64),
        items=np.tile(np.arange(3), count), probabilities=np.tile(new, count),
    )  # fmt: skip
    comparison = Comparison(
        shown=np.ones((count, 1), np.bool_), items=items, rewards=worth[items], logged=logging[items], new=new[items],
        offers=offers,
    )  # fmt: skip
    terms = doubly_robust_terms(comparison, *expected_rewards(comparison))
    assert terms.mean() == pytest.approx(new @ worth, abs=0.005)
    assert terms.std() < 0.1 * (comparison.whole * comparison.totals).std()


@pytest.mark.parametrize("name", ["replay", "ips", "snips", "rips", "clipped_ips"])
def test_too_small_an_overlap_is_refused_with_figures(name):
    weights = np.zeros(5_000)
    weights[:20] = 250.0
    with pytest.raises(OverlapError, match=rf"20\.0 of 5,000 impressions; at least {LEAST_SAMPLE}"):
        ESTIMATORS[name](singles(weights, np.ones(5_000)), CERTAINTY)


def test_what_the_log_never_shows_is_refused_with_figures():
    weights = np.where(np.arange(5_000) % 2 == 0, 1.0, 0.2)
    with pytest.raises(OverlapError, match=r"knows 0\.60 ± 0\.01 of what it shows; at least 0\.95"):
        ips(singles(weights, np.ones(5_000)), CERTAINTY)
    # The interval of clipped weights reaches as far as what is missing could have earned.
    found = clipped_ips(singles(weights, np.ones(5_000)), CERTAINTY)
    assert found.value == pytest.approx(0.6)
    assert found.interval.high >= 1.0


def test_a_judgement_has_what_can_be_judged_and_why_the_rest_can_not(known):
    judgement = judge(known, CERTAINTY)
    assert judgement.logged.value == pytest.approx(5 / 8)
    assert [one.estimator for one in judgement.estimates] == [
        "replay", "ips", "clipped_ips", "snips", "iips", "rips", "dr"
    ]  # fmt: skip
    assert not judgement.refused
    weights = np.zeros(500)
    weights[0] = 500.0
    with pytest.raises(OverlapError, match=r"replay: .*\nips: "):
        judge(singles(weights, np.ones(500)), CERTAINTY)


def test_bootstrap_and_normal_agree_where_the_central_limit_holds():
    random = np.random.default_rng(2)
    terms, weights = random.exponential(size=3_000), random.uniform(0.5, 1.5, 3_000)
    for make in (interval_of_mean, lambda one, how: interval_of_ratio(one, weights, how)):
        plain, drawn = make(terms, CERTAINTY), make(terms, Certainty(kind=BOOTSTRAP))
        assert drawn.kind == "bootstrap"
        assert (drawn.low, drawn.high) == pytest.approx((plain.low, plain.high), abs=0.15 * (plain.high - plain.low))


def test_skewness_moves_both_ends_to_where_the_long_tail_is():
    """99 zeros and a 1: the skewness is 98 / sqrt(99), and a third of it over the root of 100 is the slant."""
    terms = np.append(np.zeros(99), 1.0)
    found = interval_of_mean(terms, CERTAINTY)
    deviation, slant = np.sqrt(0.0099 * 100 / 99), 98 / np.sqrt(99) * (99 / 100) ** 1.5 / 30
    ends = [
        0.01 - deviation / 10 * (np.cbrt(1 + 3 * slant * (q - slant / 2)) - 1) / slant for q in (1.959964, -1.959964)
    ]
    assert (found.low, found.high) == pytest.approx(tuple(ends), rel=1e-5)
    plain = 0.01 - 1.959964 * deviation / 10, 0.01 + 1.959964 * deviation / 10
    assert found.low > plain[0]
    assert found.high > plain[1]
    assert without_skewness(1.5, 0.0, 50) == 1.5
    # The transform of what it returns is the quantile again.
    t, a = without_skewness(1.2, 2.0, 30), 2.0 / (3 * np.sqrt(30))
    assert t + a * t**2 + a**2 * t**3 / 3 + a / 2 == pytest.approx(1.2)


def test_bernstein_bounds_by_hand():
    """100 terms, half 0 and half 1: variance 25/99, log(4/0.05) = 4.382."""
    low, high = bernstein_bounds(np.tile([0.0, 1.0], 50), 1.0, 0.95)
    reach = np.sqrt(2 * 25 / 99 * 4.382026635 / 100) + 7 * 4.382026635 / (3 * 99)
    assert (low, high) == pytest.approx((0.5 - reach, 0.5 + reach))
