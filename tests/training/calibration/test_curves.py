"""Curves fitted to planted probabilities."""

import numpy as np
import pytest

from shortlist_bundle.calibration import UNCALIBRATED, Isotonic
from shortlist_training.calibration.curves import fit_curve, fit_rest
from shortlist_training.calibration.errors import reliability
from shortlist_training.calibration.pairs import Judged


def planted(truth, *, count, seed=0, mean=-1.0):
    """Draw logits, and takings with the probability `truth` of each."""
    random = np.random.default_rng(seed)
    logits = random.normal(mean, 2.0, count).astype(np.float32)
    return Judged(logits=logits, taken=random.random(count) < truth(logits))


def overconfident(logits):
    return 1 / (1 + np.exp(-(0.5 * logits - 2)))


def steps(logits):
    return np.where(logits < -1, 0.02, np.where(logits < 1, 0.1, 0.3))


def errors(curve, truth, *, count=50_000):
    fresh = planted(truth, count=count, seed=1)
    return reliability(UNCALIBRATED(fresh.logits), fresh.taken), reliability(curve(fresh.logits), fresh.taken)


@pytest.mark.parametrize("truth", [overconfident, steps])
def test_many_pairs_get_isotonic_regression_which_finds_any_shape(truth):
    curve = fit_curve(planted(truth, count=50_000))
    assert curve.method == "isotonic"
    before, after = errors(curve, truth)
    assert before.error > 0.15
    assert after.error < 0.009
    assert after.brier < before.brier - 0.02


def test_isotonic_regression_by_hand():
    """Three steps of 1,000 pairs with 100, 200 and 400 takings; each counts one pair more at the mean share."""
    logits = np.repeat([0.0, 1.0, 3.0], 1000).astype(np.float32)
    taken = np.concatenate([np.arange(1000) < count for count in (100, 200, 400)])
    curve = fit_curve(Judged(logits=logits, taken=taken))
    assert isinstance(curve, Isotonic)
    assert curve.logits == pytest.approx([0, 1, 3])
    mean = 700 / 3000
    assert curve.probabilities == pytest.approx([(count + mean) / 1001 for count in (100, 200, 400)])


def test_steps_that_fall_are_pooled():
    logits = np.repeat([0.0, 1.0, 2.0], 1000).astype(np.float32)
    taken = np.concatenate([np.arange(1000) < count for count in (100, 300, 200)])
    curve = fit_curve(Judged(logits=logits, taken=taken))
    assert curve.logits == pytest.approx([0, 1.5])
    assert curve.probabilities == pytest.approx([100.2 / 1001, 500.2 / 2001])


def test_few_pairs_get_a_sigmoid_which_finds_its_two_numbers():
    pairs = planted(overconfident, count=1500)
    assert 20 <= pairs.taken.sum() < 300
    curve = fit_curve(pairs)
    assert curve.method == "platt"
    assert (curve.slope, curve.intercept) == pytest.approx((0.5, -2), abs=0.3)
    before, after = errors(curve, overconfident)
    assert after.error < 0.02 < before.error


def test_too_few_pairs_leave_the_logit_as_it_is():
    few = Judged(logits=np.zeros(500, np.float32), taken=np.arange(500) < 19)
    assert fit_curve(few) is UNCALIBRATED
    assert fit_curve(Judged(logits=np.zeros(0, np.float32), taken=np.zeros(0, bool))) is UNCALIBRATED
    assert fit_curve(Judged(logits=np.zeros(50, np.float32), taken=np.ones(50, bool))) is UNCALIBRATED


def test_logits_that_mislead_become_one_share():
    curve = fit_curve(planted(lambda logits: 1 / (1 + np.exp(logits + 3)), count=500, mean=0.0))
    assert curve.method == "rate"
    assert curve(np.array([-3.0, 3.0])) == pytest.approx(curve(np.zeros(2)))


def test_the_rest_of_the_catalogue_falls_back_step_by_step():
    proposed = fit_curve(planted(steps, count=50_000))
    assert fit_rest(Judged(logits=np.zeros(0, np.float32), taken=np.zeros(0, bool)), proposed) is proposed
    rare = fit_rest(Judged(logits=np.linspace(-1, 1, 999, dtype=np.float32), taken=np.arange(999) < 4), proposed)
    assert rare.method == "rate"
    assert rare(np.array([-9.0, 9.0])) == pytest.approx([4.5 / 1000] * 2)
    assert fit_rest(planted(overconfident, count=1500), proposed).method == "platt"
