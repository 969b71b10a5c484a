"""Strength 0.5 of max-sum diversification costs about 1 % of nDCG, in shops as different as can be."""

import numpy as np
import pytest

from shortlist_bundle.calibration import UNCALIBRATED, Isotonic, Sigmoid
from shortlist_bundle.catalogue import Catalogue, TextAttribute
from shortlist_bundle.diversity.diversifier import Diversifier
from shortlist_bundle.diversity.settings import Diversity
from shortlist_bundle.diversity.trade import Trade
from shortlist_bundle.engine import Ranked
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_training.evaluation.diversity.curve import relative_change
from shortlist_training.evaluation.metrics import ranking_metrics
from shortlist_training.evaluation.targets import Targets
from shortlist_training.stages.diversity import PoolLists, _tells

ITEMS, K = 200, 20
KIND = np.concatenate([[0], np.arange(ITEMS) % 12 + 1]).astype(np.int32)
SHOP = Catalogue(
    attributes={
        "kind": TextAttribute(
            kind=ColumnKind.CATEGORY, values=Vocabulary(f"k{n}" for n in range(12)), codes=KIND
        )
    },
    available_from=np.full(ITEMS + 1, -np.inf),
    available_until=np.full(ITEMS + 1, np.inf),
)  # fmt: skip
DIVERSIFIER = Diversifier(SHOP)
CURVE = Sigmoid(method="platt", slope=1.0, intercept=0.0)


def visits(customers, *, level, seed):
    """Return customers who each like three kinds, what they are shown, and what they take by those very chances."""
    random = np.random.default_rng(seed)
    liked = random.random((customers, 12)).argsort(axis=1)[:, :3] + 1
    likes = (KIND[1:][None, :, None] == liked[:, None, :]).any(axis=2)
    logits = (level + 1.0 * likes + random.normal(0, 0.8, (customers, ITEMS))).astype(np.float32)
    order = np.argsort(-logits, axis=1, kind="stable")[:, :80]
    pool = Ranked(
        items=(order + 1).astype(np.int32),
        scores=np.take_along_axis(logits, order, axis=1),
        ranks=np.zeros((*order.shape, 1), np.int16),
        candidates=np.full(customers, 80),
    )
    taken = random.random(logits.shape) < CURVE(logits)
    judged = taken.any(axis=1)
    owners, items = np.nonzero(taken[judged])
    targets = Targets(
        rows=np.arange(judged.sum()), width=ITEMS + 1, keys=owners * (ITEMS + 1) + items + 1,
        sizes=taken[judged].sum(axis=1),
    )  # fmt: skip
    pool = Ranked(
        items=pool.items[judged],
        scores=pool.scores[judged],
        ranks=pool.ranks[judged],
        candidates=pool.candidates[judged],
    )
    return pool, nobody(int(judged.sum())), targets


def nobody(count):
    return Histories(
        offsets=np.zeros(count + 1, np.int64),
        items=np.zeros(0, np.int32),
        times=np.zeros(0),
        values=np.zeros(0, np.float32),
    )


def cost(scale, strength, shown):
    """Return the change of nDCG and its error."""
    pool, history, targets = shown
    wanted, trade = Diversity(method="max_sum", strength=strength), Trade(chances=CURVE, scale=scale)
    varied = DIVERSIFIER(pool, history, wanted, K, trade=trade).items
    plain, found = (ranking_metrics(items, targets, (K,))[f"ndcg@{K}"] for items in (pool.items[:, :K], varied))
    return relative_change(found, plain)


def learnt(shown):
    pool, history, targets = shown
    return PoolLists(DIVERSIFIER, CURVE, [(pool, history)]).learnt(targets)


@pytest.mark.parametrize("level", [-1.5, -4.0])
def test_half_the_strength_costs_a_hundredth_whether_much_is_taken_or_little(level):
    scale, figures = learnt(visits(500, level=level, seed=0))
    assert figures["customers"] <= 500
    assert figures["scale"] == scale
    later = visits(3_000, level=level, seed=1)
    found = cost(scale, 0.5, later)
    assert found.error < 0.004
    assert -0.013 - found.error < found.mean < -0.003 + found.error
    # More strength costs more, and variety alone costs much.
    assert cost(scale, 0.8, later).mean < 1.5 * found.mean
    assert cost(scale, 1.0, later).mean < -0.05


def test_scales_follow_how_much_is_taken():
    often, seldom = (learnt(visits(200, level=level, seed=3))[0] for level in (-1.5, -4.0))
    assert often > 3 * seldom


def test_a_scale_is_the_same_twice_and_in_chunks():
    pool, history, targets = visits(150, level=-2.0, seed=4)
    whole = PoolLists(DIVERSIFIER, CURVE, [(pool, history)]).learnt(targets)
    parts = [slice(0, 100), slice(100, len(pool.items))]
    chunks = [
        (
            Ranked(items=pool.items[p], scores=pool.scores[p], ranks=pool.ranks[p], candidates=pool.candidates[p]),
            nobody(len(pool.items[p])),
        )
        for p in parts
    ]
    assert PoolLists(DIVERSIFIER, CURVE, chunks).learnt(targets) == whole


def test_a_few_customers_still_find_a_scale_near_that_of_many():
    many = learnt(visits(800, level=-3.0, seed=5))[0]
    for seed in range(6, 9):
        assert many / 4 < learnt(visits(60, level=-3.0, seed=seed))[0] < 2 * many


def test_only_a_fitted_curve_tells_chances_apart():
    assert _tells(CURVE)
    assert _tells(Isotonic(logits=np.array([0.0, 1.0]), probabilities=np.array([0.1, 0.2])))
    assert not _tells(UNCALIBRATED)
    assert not _tells(Sigmoid(method="rate", slope=0.0, intercept=-1.0))
