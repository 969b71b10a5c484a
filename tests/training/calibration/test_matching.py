"""Curves carried over between scorers that tell the same pairs apart, on other scales."""

from dataclasses import replace

import numpy as np
import pytest

from shortlist_bundle.calibration import UNCALIBRATED
from shortlist_training.calibration.curves import fit_curve, fit_rest
from shortlist_training.calibration.errors import reliability
from shortlist_training.calibration.matching import SAME, carried, match
from shortlist_training.calibration.pairs import Judged

COUNT = 40_000


def planted(*, seed=0, count=COUNT):
    """Draw what two scorers know of pairs: the same truth, each with some noise of its own, on scales of their own."""
    random = np.random.default_rng(seed)
    truth = random.normal(-3.0, 1.5, count)
    taken = random.random(count) < 1 / (1 + np.exp(-truth))
    first, other = (truth + random.normal(0, 0.2, count) for _ in range(2))
    return Judged(logits=first.astype(np.float32), taken=taken), Judged(
        logits=(1.6 * other + 4.0).astype(np.float32), taken=taken
    )


@pytest.mark.parametrize(("count", "method"), [(COUNT, "isotonic"), (1_200, "platt")])
def test_another_scorer_is_as_well_calibrated_as_the_first(count, method):
    first, other = planted(count=count)
    curve = fit_curve(first)
    assert curve.method == method
    own, fresh = planted(seed=1)
    moved = carried(curve, match(first, other))
    taken_over, after, right = (
        reliability(one(part.logits), part.taken).error for one, part in ((curve, fresh), (moved, fresh), (curve, own))
    )
    assert taken_over > 0.2
    assert after < right + 0.003
    assert moved(fresh.logits).mean() == pytest.approx(curve(own.logits).mean(), rel=0.05)


def test_the_match_gives_the_same_mean_and_spread():
    first, other = planted()
    found = match(first, other)
    moved = found.scale * other.logits + found.shift
    assert (moved.mean(), moved.std()) == pytest.approx((first.logits.mean(), first.logits.std()), abs=1e-3)
    # The noise of its own makes the other scorer no wider than the first, so the planted scale is found.
    assert (1 / found.scale, -found.shift / found.scale) == pytest.approx((1.6, 4.0), abs=0.05)


def test_what_was_taken_is_not_looked_at():
    first, other = planted(count=500)
    assert match(first, other) == match(first, replace(other, taken=~other.taken))


def test_a_scorer_is_matched_with_itself_by_doing_nothing():
    first, _ = planted(count=500)
    assert match(first, first) == SAME


def test_without_any_spread_the_means_are_matched():
    first, other = planted(count=500)
    flat = replace(other, logits=np.full(500, 2.0, np.float32))
    found = match(first, flat)
    assert (found.scale, found.shift) == (1.0, pytest.approx(first.logits.mean() - 2.0))


def test_without_pairs_there_is_nothing_to_match():
    nothing = Judged(logits=np.zeros(0, np.float32), taken=np.zeros(0, np.bool_))
    assert match(nothing, nothing) == SAME
    with pytest.raises(ValueError, match="the same pairs"):
        match(nothing, planted(count=5)[0])


def test_a_number_that_was_never_calibrated_stays_and_so_does_a_share():
    first, other = planted(count=100)
    found = match(first, other)
    assert carried(UNCALIBRATED, found) is UNCALIBRATED
    few = replace(first, taken=np.arange(100) < 3)
    rate = fit_rest(few, UNCALIBRATED)
    assert rate.method == "rate"
    np.testing.assert_allclose(carried(rate, found)(other.logits), rate(first.logits))
