"""Items that nobody has taken get as many places as such items are taken."""

import numpy as np
import pytest
from small_logs import dataset_of

from shortlist_training.config.models import TwoTowerConfig
from shortlist_training.config.run import SplitConfig
from shortlist_training.fitting.two_tower import TwoTowerFit
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.progress import Silent
from shortlist_training.stages import unknown_items
from shortlist_training.stages.tuning_window import TuningWindow
from shortlist_training.stages.unknown_items import LEAST_SHARE, place_unknown_items
from shortlist_training.stages.windows import cut_windows

DEPTH = 5


def settled(*, fresh=0, unwanted=0, described=True):
    """Place the unknown items of a log in which each customer's last but one item is one of `fresh` new ones."""
    random = np.random.default_rng(0)
    rows = []
    for customer in range(60):
        taken = [f"i{item:02}" for item in random.choice(30, 8, replace=False)]
        if fresh:
            taken[-2] = f"n{customer % fresh:02}"
        rows += [(f"c{customer:02}", item, float(place)) for place, item in enumerate(taken)]
    names = [f"i{n:02}" for n in range(30)] + [f"n{n:02}" for n in range(fresh)] + [f"u{n:02}" for n in range(unwanted)]
    items = {"item_id": names, "kind": [f"k{n % 3}" for n in range(len(names))]} if described else None
    dataset = dataset_of(rows, items=items, repeats=False)
    plan, clock = cut_windows(dataset, SplitConfig(kind="last"))
    config = TwoTowerConfig(embedding_size=8, history_length=6, batch_size=32, item_id_dropout=0.3)
    model = TwoTower(dataset, config, seed=0)
    TwoTowerFit(model, dataset, config, limits=plan.given, seed=0).run(Silent(), rounds=2, name="two-tower")
    tuning = TuningWindow(dataset, plan.tune, clock, depth=DEPTH)
    return model, tuning, place_unknown_items(model, tuning)


def share_of_places(model, tuning):
    tower = model.export_customers()
    lists, _ = tuning.best(model.item_vectors(), lambda batch: tower(batch.rows, batch.features, batch.history))
    return model.unknown_items()[lists].mean()


def test_where_all_take_what_is_new_the_lists_are_of_new_items():
    model, tuning, unknown = settled(fresh=20)
    assert unknown.items == 20
    assert unknown.taken == 1.0
    assert unknown.shift > 0
    assert model.unknown_shift == unknown.shift
    assert share_of_places(model, tuning) == pytest.approx(1.0, abs=0.01)


def test_where_nobody_takes_what_is_new_it_gets_a_few_places_and_no_more():
    model, tuning, unknown = settled(unwanted=40)
    assert unknown.taken == 0.0
    assert unknown.placed > 0.3
    assert unknown.shift < 0
    assert share_of_places(model, tuning) == pytest.approx(LEAST_SHARE, abs=1 / (60 * DEPTH) + 1e-9)
    assert unknown.to_json()["items"] == 40


def test_unknown_items_that_get_few_places_by_their_features_keep_them(monkeypatch):
    monkeypatch.setattr(unknown_items, "LEAST_SHARE", 1.0)
    model, tuning, unknown = settled(unwanted=40)
    assert unknown.shift == model.unknown_shift == 0.0
    assert share_of_places(model, tuning) == pytest.approx(unknown.placed)


@pytest.mark.parametrize("log", [{"unwanted": 0}, {"fresh": 5, "described": False}])
def test_without_described_unknown_items_there_is_nothing_to_place(log):
    model, _, unknown = settled(**log)
    assert unknown is None
    assert np.isfinite(model.item_vectors()).all()
