import numpy as np
import pytest
from small_logs import all_events, dataset_of

from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_training.retrieval.autoencoder import Norms, decompose, widest

NORMS = Norms(customers=0.5, items=0.25)


def random_log(*, customers=40, items=12, events=300, seed=0):
    pairs = np.random.default_rng(seed).integers(0, (customers, items), (events, 2))
    return dataset_of([(f"c{customer:02}", f"i{item:02}", float(n)) for n, (customer, item) in enumerate(pairs)])


def taken_by(dataset):
    taken = np.zeros((dataset.customer_rows, dataset.item_rows))
    taken[dataset.events.owners, dataset.events.items] = 1
    return taken


def encoded(space, dataset):
    rows = np.arange(dataset.customer_rows, dtype=np.int32)
    history = dataset.events.take(rows)
    now = np.zeros(len(rows))
    batch = CustomerBatch(rows=rows, features=dataset.customer_features.take(rows), history=history, now=now)
    past = sum_up(history, now, (np.inf,), things=history.items, width=dataset.item_rows)
    return space.customers(batch, past)


def scores(dataset, *, width, penalty, limits=None):
    limits = all_events(dataset) if limits is None else limits
    spectrum = decompose(dataset, limits, NORMS, width=width, seed=0)
    space = spectrum.autoencoder(width=width, penalty=penalty, length=500, fade=1.0)
    return encoded(space, dataset) @ space.items.T


def normalised(taken):
    customers = np.maximum(taken.sum(axis=1), 1) ** -NORMS.customers
    items = np.maximum(taken.sum(axis=0), 1) ** -NORMS.items
    return customers[:, None] * taken * items, items


@pytest.mark.parametrize("width", [12, 3])
def test_it_is_the_ridge_regression_on_the_leading_axes(width):
    dataset = random_log()
    cells, scale = normalised(taken_by(dataset))
    values, axes = np.linalg.eigh(cells.T @ cells)
    values, axes = values[::-1][:width], axes[:, ::-1][:, :width]
    shrunk = values / (values + 2.0 * values[-1])
    right = cells @ (axes * shrunk) @ axes.T / scale
    found = scores(dataset, width=width, penalty=2.0)
    assert found[1:, 1:] == pytest.approx(right[1:, 1:], abs=2e-3)


def test_nobody_and_no_item_are_nothing():
    dataset = random_log()
    found = scores(dataset, width=4, penalty=0.0)
    assert not found[0].any()
    assert not found[:, 0].any()


def test_what_lies_beyond_the_limits_is_not_seen():
    dataset = dataset_of([(c, item, float(n)) for c in "abcdefgh" for n, item in enumerate("xyz")])
    spectrum = decompose(dataset, np.minimum(all_events(dataset), 2), NORMS, width=1, seed=0)
    row = dataset.items.row
    assert spectrum.axes[row("z")] == pytest.approx(0, abs=1e-6)
    assert abs(spectrum.axes[row("x")]) > 0.1


def test_people_of_a_kind_are_offered_what_their_kind_takes():
    random = np.random.default_rng(0)
    rows = []
    for customer in range(60):
        own = random.permutation(10)[:6] * 2 + customer % 2
        rows += [(f"c{customer:02}", f"i{item:02}", float(n)) for n, item in enumerate(own)]
    dataset = dataset_of(rows)
    found = scores(dataset, width=2, penalty=0.0)
    for customer in range(60):
        best = np.argsort(-found[dataset.customers.row(f"c{customer:02}"), 1:])[:8]
        kinds = [int(dataset.items.id(item + 1)[1:]) % 2 for item in best]
        assert set(kinds) == {customer % 2}


def test_the_width_follows_the_log():
    assert widest(random_log(customers=40, items=12)) == 3
    assert widest(dataset_of([("a", "x", 1.0)])) == 1
