"""What a fit says of how often an item is sampled is how often it is: the correction of the softmax rests on it."""

import numpy as np
import pytest
from small_logs import all_events, dataset_of

from shortlist_training.config.models import EmbeddingConfig, TwoTowerConfig
from shortlist_training.fitting.embedding import EmbeddingFit
from shortlist_training.fitting.two_tower import TwoTowerFit
from shortlist_training.models.embedding import EmbeddingModel
from shortlist_training.models.two_tower import TwoTower


@pytest.fixture(scope="module")
def dataset():
    """Ten items, of which the first is taken ten times as often as the last; nobody takes anything twice."""
    random = np.random.default_rng(0)
    share = np.linspace(10, 1, 10) / np.linspace(10, 1, 10).sum()
    return dataset_of(
        [
            (f"c{customer:03}", f"i{item}", float(position))
            for customer in range(120)
            for position, item in enumerate(random.choice(10, 4, replace=False, p=share))
        ],
        repeats=False,
    )


def counted(batches):
    """Return how often each item row was sampled in a batch, mean, and how often that was expected."""
    found, expected, said = np.zeros(11), np.zeros(11), np.zeros(11)
    for rows, log_expected in batches:
        there = rows > 0
        np.add.at(found, rows[there], 1)
        np.add.at(expected, rows[there], np.exp(log_expected[there]))
        np.add.at(said, rows[there], 1)
    return found[1:] / len(batches), expected[1:] / said[1:]


def test_samples_of_the_two_tower(dataset):
    config = TwoTowerConfig(batch_size=40, negatives=24, full_softmax_items=0, embedding_size=4)
    fit = TwoTowerFit(TwoTower(dataset, config, seed=0), dataset, config, limits=all_events(dataset), seed=0)
    found, expected = counted(
        [(rows[places], log) for number in range(40) for *_, rows, places, log in fit.batches.draw(number)]
    )
    assert found == pytest.approx(expected, rel=0.1)
    assert found.sum() == pytest.approx(48)
    assert found[0] > 1.5 * found[-1]


def test_samples_of_the_embedding_model(dataset):
    config = EmbeddingConfig(objective="sampled_softmax", batch_size=40, negatives=48)
    model = EmbeddingModel(
        customer_rows=dataset.customer_rows, item_rows=11, embedding_size=4, mean=0.0, spread=0.1, seed=0
    )
    fit = EmbeddingFit(model, dataset, config, limits=all_events(dataset), seed=0)
    found, expected = counted([batch[-2:] for number in range(40) for batch in fit.batches(number)])
    assert found == pytest.approx(expected, rel=0.1)
    assert found.sum() == pytest.approx(48)


def test_a_target_taken_before_weighs_less():
    rows = [("a", "x", 1.0), ("a", "y", 2.0), ("a", "x", 3.0)]
    dataset = dataset_of(rows)
    config = TwoTowerConfig(batch_size=3, repeat_weight=0.25, embedding_size=4, history_length=3)
    fit = TwoTowerFit(TwoTower(dataset, config, seed=0), dataset, config, limits=all_events(dataset), seed=0)
    (_, events, history, targets, weights), *_ = fit.batches.draw(0)
    order = np.argsort(events)
    x, y = dataset.items.row("x"), dataset.items.row("y")
    assert history[order].tolist() == [[0, 0, 0], [x, 0, 0], [y, x, 0]]
    assert targets[order][:, 0].tolist() == [x, y, x]
    assert weights[order][:, 0].tolist() == [1, 1, 0.25]
    assert not weights[order][:, 1:].any()


def test_a_large_order_is_asked_for_by_a_run_of_its_items():
    columns = ("customer_id", "item_id", "timestamp", "order_id")
    dataset = dataset_of([("a", f"i{n:02}", 1.0, "o1") for n in range(30)], columns=columns)
    config = TwoTowerConfig(batch_size=1, targets=4, embedding_size=4, history_length=3)
    fit = TwoTowerFit(TwoTower(dataset, config, seed=0), dataset, config, limits=all_events(dataset), seed=0)
    runs = [batch[3][0].tolist() for number in range(20) for batch in fit.batches.draw(number)]
    assert all(run == list(range(run[0], run[0] + 4)) for run in runs)
    assert len({run[0] for run in runs}) > 5
    assert all(not batch[2].any() for batch in fit.batches.draw(0))


def test_only_what_somebody_has_taken_is_sampled():
    rows = [(f"c{customer}", f"i{item}", float(item)) for customer in range(20) for item in range(3)]
    items = {"item_id": [f"i{n}" for n in range(9)], "kind": ["a"] * 9}
    described = dataset_of(rows, items=items, repeats=False)
    config = TwoTowerConfig(batch_size=10, negatives=24, full_softmax_items=0, embedding_size=4)
    fit = TwoTowerFit(TwoTower(described, config, seed=0), described, config, limits=all_events(described), seed=0)
    drawn = {int(row) for *_, rows, places, _ in fit.batches.draw(0) for row in rows[places]}
    assert drawn - {0} == set(described.items.rows(["i0", "i1", "i2"]).tolist())
