"""An event with a low weight counts less everywhere; a large quantity does not count more than one taking."""

import numpy as np
import pytest
from small_logs import all_events, dataset_of

from shortlist_bundle.signals.past import sum_up
from shortlist_training.config.models import TwoTowerConfig
from shortlist_training.fitting.rounds import batch_size
from shortlist_training.fitting.two_tower import TwoTowerFit
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.retrieval.counting import count_items

COLUMNS = ("customer_id", "item_id", "timestamp", "value")


@pytest.fixture(scope="module")
def dataset():
    """One customer views item a (weight 0.25), takes b once, and c in a quantity of nine."""
    return dataset_of([("x", "a", 1.0, 0.25), ("x", "b", 2.0, 1.0), ("x", "c", 3.0, 9.0)], columns=COLUMNS)


def test_the_own_past(dataset):
    history = dataset.events.take(np.array([1]))
    past = sum_up(history, np.array([3.0]), (float("inf"),), things=history.items, width=dataset.item_rows)
    assert past.decayed[:, 0].tolist() == [0.25, 1.0, 1.0]
    assert past.counts.tolist() == [1, 1, 1]


def test_popularity(dataset):
    assert count_items(dataset, all_events(dataset)).cumulative[-1].tolist() == [0, 0.25, 1, 1]


def test_the_targets_of_the_two_tower(dataset):
    config = TwoTowerConfig(embedding_size=4, targets=1)
    fit = TwoTowerFit(TwoTower(dataset, config, seed=0), dataset, config, limits=all_events(dataset), seed=0)
    found = {}
    for _, _, _, targets, weights in fit.batches.draw(0):
        found |= dict(zip(targets[:, 0].tolist(), weights[:, 0].tolist(), strict=True))
    assert found == {1: 0.25, 2: 1.0, 3: 1.0}


@pytest.mark.parametrize(
    ("examples", "wanted", "size"), [(100_000, 512, 512), (2_000, 512, 100), (300, 512, 32), (5, 512, 5), (0, 512, 1)]
)
def test_a_small_log_makes_more_steps(examples, wanted, size):
    assert batch_size(examples, wanted) == size
