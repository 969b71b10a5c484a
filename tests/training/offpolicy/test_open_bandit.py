"""The Open Bandit Dataset's sample (Saito et al. 2021, https://arxiv.org/abs/2008.07146), beside obp's own estimators.

The sample is in the PyPI package obp 0.4.1, which is no dependency: fetch it with `pip download --no-deps obp==0.4.1`,
unpack the wheel, and name its folder `obp/dataset/obd` in SHORTLIST_OPEN_BANDIT. The figures below are what the
estimators of obp 0.4.1 give for the same weights and the same reward model.
"""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shortlist_training.errors import OverlapError
from shortlist_training.offpolicy.comparison import Comparison, Offers
from shortlist_training.offpolicy.doubly_robust import doubly_robust_terms
from shortlist_training.offpolicy.intervals import Certainty
from shortlist_training.offpolicy.ips import ips, snips
from shortlist_training.offpolicy.overlap import overlap_of
from shortlist_training.offpolicy.replay import replay

FOLDER = os.environ.get("SHORTLIST_OPEN_BANDIT", "")
WITHOUT = "SHORTLIST_OPEN_BANDIT does not name the folder obp/dataset/obd of the package obp 0.4.1"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not FOLDER, reason=WITHOUT)]

ITEMS, POSITIONS = 80, 3
# (log, policy): IPW, self-normalised IPW, doubly robust, replay; all of obp 0.4.1, on the 10,000 rows of "all".
RECORDED = {
    ("bts", "uniform"): (0.0023596395168460037, 0.002333713893161806, 0.002396477255612143, None),
    ("random", "share in bts"): (0.00500645700402338, 0.005217606210746861, 0.005160535433504447, None),
    ("random", "most clicked"): (0.048, 0.04580152671755725, 0.04780637113485245, 0.04580152671755725),
}


def read(name):
    """Return items, positions (as obp numbers them, from 0), clicks and propensities."""
    table = pl.read_csv(Path(FOLDER) / name / "all" / "all.csv")
    columns = ("item_id", "position", "click", "propensity_score")
    items, positions, clicks, chances = (table[column].to_numpy() for column in columns)
    return items, positions - 1, clicks.astype(np.float64), chances


def policy_of(name):
    """Return the probability of each item at each position, float64 [POSITIONS, ITEMS]."""
    if name == "uniform":
        return np.full((POSITIONS, ITEMS), 1.0 / ITEMS)
    items, positions, clicks, _ = read("bts" if name == "share in bts" else "random")
    counts = np.zeros((POSITIONS, ITEMS))
    np.add.at(counts, (positions, items), 1.0 if name == "share in bts" else clicks)
    if name == "share in bts":
        return (counts + 1.0) / (counts + 1.0).sum(axis=1, keepdims=True)
    return np.eye(ITEMS)[counts.argmax(axis=1)]


def compared(log, policy):
    items, positions, clicks, chances = read(log)
    table, count = policy_of(policy), len(items)
    return positions, Comparison(
        shown=np.ones((count, 1), np.bool_), items=items[:, None], rewards=clicks[:, None], logged=chances[:, None],
        new=table[positions, items][:, None],
        offers=Offers(
            slates=np.repeat(np.arange(count), ITEMS), positions=np.zeros(count * ITEMS, np.int64),
            items=np.tile(np.arange(ITEMS), count), probabilities=table[positions].ravel(),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(("log", "policy"), RECORDED)
def test_estimates_are_those_of_obp(log, policy):
    plain, normalised, robust, matched = RECORDED[log, policy]
    positions, comparison = compared(log, policy)
    weights, rewards = comparison.whole, comparison.totals
    assert (weights * rewards).mean() == pytest.approx(plain, rel=1e-12)
    assert (weights * rewards).sum() / weights.sum() == pytest.approx(normalised, rel=1e-12)
    # obp was given this model: the mean of the position, and a little more for items of high numbers.
    means = np.array([rewards[positions == position].mean() for position in range(POSITIONS)])
    model = means[:, None] + 1e-4 * np.arange(ITEMS)[None] / ITEMS
    assert doubly_robust_terms(comparison, model, positions).mean() == pytest.approx(robust, rel=1e-10)
    if matched is not None:
        # Of a uniform log, what replay keeps is what matches.
        found = replay(comparison, Certainty())
        assert (found.value, found.sample) == (pytest.approx(matched, rel=1e-12), np.count_nonzero(weights))


def test_each_policy_is_judged_from_the_others_log_as_from_its_own():
    """The sample has 38 and 42 clicks, so intervals are wide; they hold what the policy itself has earned."""
    own = {name: read(name)[2].mean() for name in ("random", "bts")}
    for log, policy, name in (("bts", "uniform", "random"), ("random", "share in bts", "bts")):
        _, comparison = compared(log, policy)
        for estimator in (ips, snips):
            interval = estimator(comparison, Certainty()).interval
            assert interval.low <= own[name] <= interval.high


def test_too_few_matches_are_refused():
    """Of the skewed log hardly anything can be kept that would be uniform."""
    _, comparison = compared("bts", "uniform")
    assert overlap_of(comparison.whole).sample == pytest.approx(340.4, abs=0.1)
    with pytest.raises(OverlapError, match="38 of 10,000 impressions are kept"):
        replay(comparison, Certainty())
