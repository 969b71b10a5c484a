import numpy as np
import pytest
from small_logs import all_events, dataset_of

from shortlist_training.config.run import SourcesConfig
from shortlist_training.retrieval import together
from shortlist_training.retrieval.linear import fit_linear

PENALTY = 10.0


def random_log(*, customers=40, items=12, events=400, seed=0):
    pairs = np.random.default_rng(seed).integers(0, (customers, items), (events, 2))
    return dataset_of([(f"c{customer}", f"i{item}", float(n)) for n, (customer, item) in enumerate(pairs)])


def fit(dataset, *, neighbours=100, limits=None):
    limits = all_events(dataset) if limits is None else limits
    (source,) = fit_linear(dataset, limits, SourcesConfig(neighbours=neighbours), penalties=[PENALTY])
    return source


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


def ease(taken, penalty=PENALTY):
    """Return the closed form of the paper, where a customer of h items counts 1 / sqrt(h)."""
    together = taken.T @ (taken / np.sqrt(np.maximum(taken.sum(axis=1, keepdims=True), 1)))
    penalty = penalty * np.mean(together.diagonal())
    inverse = np.linalg.inv(together + penalty * np.eye(len(together)))
    weights = -inverse / inverse.diagonal()
    np.fill_diagonal(weights, 0)
    return weights


@pytest.fixture(params=["table", "lists"], autouse=True)
def counted_from(request, monkeypatch):
    """Fit from a table of all pairs and from lists alike."""
    if request.param == "lists":
        monkeypatch.setattr(together, "TABLE", 0)


def test_regressed_on_all_the_others_it_is_the_closed_form():
    dataset = random_log()
    found = dense(fit(dataset))
    assert found[1:, 1:] == pytest.approx(ease(taken_by(dataset)), abs=1e-5)


def test_each_item_is_regressed_on_its_nearest():
    dataset = random_log(items=30, events=600)
    found = dense(fit(dataset, neighbours=5))
    assert (np.count_nonzero(found[:, 1:], axis=0) == 5).all()
    assert not found.diagonal().any()


def test_each_penalty_gets_weights_of_its_own():
    dataset = random_log()
    limits = all_events(dataset)
    for penalty, source in zip(
        (1.0, 5.0), fit_linear(dataset, limits, SourcesConfig(), penalties=(1.0, 5.0)), strict=True
    ):
        assert dense(source)[1:, 1:] == pytest.approx(ease(taken_by(dataset), penalty), abs=1e-5)


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
    matrix = dense(fit(dataset))
    x, y, z = (dataset.items.row(name) for name in "xyz")
    assert matrix[y, z] > 2 * matrix[x, z]


def test_a_large_catalogue_keeps_what_is_taken_most(monkeypatch):
    monkeypatch.setattr(together, "TABLE", 0)
    monkeypatch.setattr(together, "LISTED", 6)
    dataset = random_log(items=12)
    taken = taken_by(dataset).sum(axis=0)
    found = dense(fit(dataset))
    there = np.flatnonzero(found.any(axis=0)) - 1
    assert set(there) == set(np.argsort(-taken, kind="stable")[:6])


@pytest.mark.parametrize("rows", [[("a", "x", 1.0)], [("a", "x", 1.0), ("b", "y", 2.0)]], ids=["one item", "apart"])
def test_where_nothing_goes_together_nothing_is_said(rows):
    dataset = dataset_of(rows)
    source = fit(dataset)
    assert not len(source.weights)


def test_what_lies_beyond_the_limits_is_not_seen():
    dataset = dataset_of([(c, item, float(n)) for c in "abc" for n, item in enumerate("xyz")])
    matrix = dense(fit(dataset, limits=np.minimum(all_events(dataset), 2)))
    assert not matrix[dataset.items.row("z")].any()
    assert matrix[dataset.items.row("x"), dataset.items.row("y")] > 0
