import numpy as np
import pytest
from small_logs import all_events, dataset_of

from shortlist_training.config.run import SourcesConfig
from shortlist_training.retrieval import linear
from shortlist_training.retrieval.linear import PENALTY, fit_linear


def random_log(*, customers=40, items=12, events=400, seed=0):
    pairs = np.random.default_rng(seed).integers(0, (customers, items), (events, 2))
    return dataset_of([(f"c{customer}", f"i{item}", float(n)) for n, (customer, item) in enumerate(pairs)])


def dense(source):
    width = len(source.indptr) - 1
    matrix = np.zeros((width, width))
    rows = np.repeat(np.arange(width), np.diff(source.indptr))
    matrix[rows, source.neighbours] = source.weights
    return matrix


def taken_by(dataset):
    taken = np.zeros((dataset.customer_rows, dataset.item_rows))
    taken[dataset.events.owners, dataset.events.items] = 1
    return taken[:, 1:]


def ease(taken):
    """Return the closed form of the paper."""
    together = taken.T @ taken
    penalty = PENALTY * np.mean(together.diagonal())
    inverse = np.linalg.inv(together + penalty * np.eye(len(together)))
    weights = -inverse / inverse.diagonal()
    np.fill_diagonal(weights, 0)
    return weights


def test_regressed_on_all_the_others_it_is_the_closed_form():
    dataset = random_log()
    found = dense(fit_linear(dataset, all_events(dataset), SourcesConfig(neighbours=100)))
    assert found[1:, 1:] == pytest.approx(ease(taken_by(dataset)), abs=1e-5)


def test_each_item_is_regressed_on_its_nearest():
    dataset = random_log(items=30, events=600)
    found = dense(fit_linear(dataset, all_events(dataset), SourcesConfig(neighbours=5)))
    assert (np.count_nonzero(found[:, 1:], axis=0) == 5).all()
    assert not found.diagonal().any()


def test_what_explains_away_gets_no_weight():
    """Everybody who takes x takes y, whoever takes y takes z: beside y, x says little of z."""
    random = np.random.default_rng(0)
    rows = []
    for customer in range(400):
        y = random.random() < 0.5
        x = y and random.random() < 0.5
        z = random.random() < (0.9 if y else 0.05)
        rows += [(f"c{customer:03}", name, float(n)) for n, name in enumerate("xyz") if (x, y, z)[n]]
        rows.append((f"c{customer:03}", "w", 9.0))
    dataset = dataset_of(rows)
    matrix = dense(fit_linear(dataset, all_events(dataset), SourcesConfig()))
    x, y, z = (dataset.items.row(name) for name in "xyz")
    assert matrix[y, z] > 2 * matrix[x, z]


def test_a_large_catalogue_keeps_what_is_taken_most(monkeypatch):
    monkeypatch.setattr(linear, "LARGEST", 6)
    dataset = random_log(items=12)
    taken = taken_by(dataset).sum(axis=0)
    found = dense(fit_linear(dataset, all_events(dataset), SourcesConfig()))
    there = np.flatnonzero(found.any(axis=0)) - 1
    assert set(there) == set(np.argsort(-taken, kind="stable")[:6])


@pytest.mark.parametrize("rows", [[("a", "x", 1.0)], [("a", "x", 1.0), ("b", "y", 2.0)]], ids=["one item", "apart"])
def test_where_nothing_goes_together_nothing_is_said(rows):
    dataset = dataset_of(rows)
    source = fit_linear(dataset, all_events(dataset), SourcesConfig())
    assert not len(source.weights)


def test_what_lies_beyond_the_limits_is_not_seen():
    dataset = dataset_of([(c, item, float(n)) for c in "abc" for n, item in enumerate("xyz")])
    matrix = dense(fit_linear(dataset, np.minimum(all_events(dataset), 2), SourcesConfig()))
    assert not matrix[dataset.items.row("z")].any()
    assert matrix[dataset.items.row("x"), dataset.items.row("y")] > 0
