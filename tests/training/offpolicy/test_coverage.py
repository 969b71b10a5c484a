"""In worlds where the truth is known, 95 % intervals hold it in at least 930 of 1,000 logs; wrong ones do not."""

from dataclasses import replace

import numpy as np
import pytest

from shortlist_bench.slate_worlds import ITEMS, KINDS, SLATES, SlatePolicy, make_world
from shortlist_training.offpolicy.intervals import BOOTSTRAP, Certainty
from shortlist_training.offpolicy.judging import ESTIMATORS

RUNS, LEAST = 1_000, 930


def held(world, names, *, runs=RUNS, count=600, change=lambda comparison: comparison, certainty=None):
    """Return in how many logs the interval of each estimator holds the truth."""
    kept = dict.fromkeys(names, 0)
    for run in range(runs):
        comparison = change(world.log(count, np.random.default_rng([11, run])))
        for name in names:
            found = ESTIMATORS[name](comparison, certainty or Certainty(seed=run)).interval
            kept[name] += found.low <= world.truth <= found.high
    return kept


def test_where_clicks_stand_alone_every_interval_holds():
    kept = held(make_world(shift=1.0, cascade=False), tuple(ESTIMATORS))
    assert min(kept.values()) >= LEAST, kept


def test_where_clicks_act_on_those_below_all_but_the_item_position_form_hold():
    kept = held(make_world(shift=1.0, cascade=True), [name for name in ESTIMATORS if name != "iips"])
    assert min(kept.values()) >= LEAST, kept


def test_the_item_position_form_fails_where_its_assumption_does():
    """A negative control: the test can tell an interval that does not hold."""
    kept = held(make_world(shift=3.0, cascade=True), ["iips"], runs=100, count=20_000)
    assert kept["iips"] < 50


def test_wrong_propensities_are_told():
    """A negative control: probabilities logged as if all items had been equally likely."""
    world = make_world(shift=1.0, cascade=False)
    blunter = SlatePolicy.of(np.zeros((KINDS, ITEMS)))

    def change(comparison):
        rows = np.array([np.flatnonzero((one == SLATES).all(axis=1))[0] for one in comparison.items])
        own = np.take_along_axis(blunter.given[0][rows], comparison.items[:, :, None], axis=-1)[..., 0]
        return replace(comparison, logged=own)

    kept = held(world, ["ips", "rips"], runs=60, count=2_000, change=change)
    assert max(kept.values()) < 30, kept


@pytest.mark.slow
def test_bootstrap_intervals_hold_too():
    names = [name for name in ESTIMATORS if name not in ("clipped_ips", "replay")]
    kept = held(make_world(shift=1.0, cascade=False), names, certainty=Certainty(kind=BOOTSTRAP))
    assert min(kept.values()) >= LEAST, kept


def test_a_slate_has_the_probabilities_that_were_drawn():
    """The world itself: by hand, the first item by its softmax, and all slates together 1."""
    scores = np.log(np.tile([[1.0, 2.0, 3.0, 4.0, 10.0]], (KINDS, 1)))
    policy = SlatePolicy.of(scores)
    row = int(np.flatnonzero((SLATES == [4, 0, 3]).all(axis=1))[0])
    assert policy.whole[0, row] == pytest.approx(10 / 20 * 1 / 10 * 4 / 9)
    assert policy.whole.sum(axis=1) == pytest.approx(np.ones(KINDS))
    assert policy.marginal.sum(axis=2) == pytest.approx(np.ones((KINDS, 3)))
    assert policy.marginal[0, 0] == pytest.approx(np.array([1, 2, 3, 4, 10]) / 20)
