"""Models find a planted pattern: even customers take even items, odd ones odd items."""

from dataclasses import replace

import numpy as np
import pytest
from small_logs import all_events, dataset_of, timeless, two_camps

from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_training.config.models import EmbeddingConfig, TwoTowerConfig
from shortlist_training.errors import ConfigError
from shortlist_training.fitting.batches import MomentBatches
from shortlist_training.fitting.embedding import EmbeddingFit
from shortlist_training.fitting.two_tower import TwoTowerFit
from shortlist_training.models.embedding import EmbeddingModel
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.progress import Silent

SMALL_TOWER = {"embedding_size": 8, "history_length": 6, "batch_size": 64, "learning_rate": 0.02, "negatives": 16}


def own_camp_share(dataset, customers, scores):
    """Return the share of each customer's three best unseen items that are of their camp, mean."""
    shares = []
    for customer, row in zip(customers, scores, strict=True):
        row[0] = -np.inf
        row[dataset.events.take(np.array([customer])).items] = -np.inf
        best = [dataset.items.id(int(item)) for item in np.argsort(-row)[:3]]
        camp = int(dataset.customers.id(int(customer))[1:]) % 2
        shares.append(np.mean([int(item[1:]) % 2 == camp for item in best]))
    return float(np.mean(shares))


def batch_of_all(dataset, *, rows=None):
    customers = np.arange(1, dataset.customer_rows, dtype=np.int32)
    return CustomerBatch(
        rows=customers if rows is None else rows,
        features=dataset.customer_features.take(customers),
        history=dataset.events.take(customers),
        now=np.full(len(customers), 100.0),
    )


def fitted_tower(dataset, *, rounds=12, **settings):
    config = TwoTowerConfig(**(SMALL_TOWER | settings))
    model = TwoTower(dataset, config, seed=0)
    fit = TwoTowerFit(model, dataset, config, limits=all_events(dataset), seed=0)
    record = fit.run(Silent(), rounds=rounds, name="two-tower")
    return model, fit, record


@pytest.mark.parametrize("full_softmax_items", [1000, 0], ids=["full", "sampled"])
@pytest.mark.parametrize("has_times", [True, False])
def test_the_two_tower_learns_who_takes_what(full_softmax_items, has_times):
    dataset = two_camps()
    if not has_times:
        events = dataset.events
        dataset = timeless(
            list(zip(dataset.customers.ids(events.owners), dataset.items.ids(events.items), strict=True)), repeats=False
        )
    model, fit, record = fitted_tower(dataset, full_softmax_items=full_softmax_items)
    assert fit.whole == (full_softmax_items > 0)
    assert record.rounds[-1].loss < record.rounds[0].loss
    batch = batch_of_all(dataset)
    vectors = model.export_customers()(batch.rows, batch.features, batch.history)
    assert own_camp_share(dataset, batch.rows, vectors @ model.item_vectors().T) > 0.9
    # The same customers as strangers: their history alone says enough.
    vectors = model.export_customers()(np.zeros_like(batch.rows), batch.features, batch.history)
    assert own_camp_share(dataset, batch.rows, vectors @ model.item_vectors().T) > 0.9


def test_the_two_tower_recommends_a_new_item_from_its_features_alone():
    items = {"item_id": [f"i{n:03}" for n in range(24)], "camp": ["even", "odd"] * 12}
    dataset = two_camps(items=20)
    events = dataset.events
    rows = [
        (dataset.customers.id(owner), dataset.items.id(item), time)
        for owner, item, time in zip(events.owners.tolist(), events.items.tolist(), events.times.tolist(), strict=True)
    ]
    dataset = dataset_of(rows, items=items, repeats=False)
    model, _, _ = fitted_tower(dataset, item_id_dropout=0.5)
    vectors = model.item_vectors()
    batch = batch_of_all(dataset)
    scores = model.export_customers()(batch.rows, batch.features, batch.history) @ vectors.T
    new = [dataset.items.row(f"i{n:03}") for n in range(20, 24)]
    even_customers = np.array([int(dataset.customers.id(int(row))[1:]) % 2 == 0 for row in batch.rows])
    margin = scores[:, new[::2]].mean(axis=1) - scores[:, new[1::2]].mean(axis=1)
    assert ((margin > 0) == even_customers).mean() > 0.9


@pytest.mark.parametrize("full_softmax_items", [1000, 0], ids=["full", "sampled"])
def test_what_nobody_has_taken_was_not_passed_over(full_softmax_items):
    """A feature that only such items have stays as it was: it has not learnt to repel."""
    events = two_camps().events
    rows = [(f"c{n}", f"i{item:03}", float(time)) for n, item, time in
            zip(events.owners.tolist(), events.items.tolist(), events.times.tolist(), strict=True)]  # fmt: skip
    taken = sorted({item for _, item, _ in rows})
    items = {"item_id": [*taken, "new1", "new2"], "shelf": [*(["old"] * len(taken)), "new", "new"]}
    dataset = dataset_of(rows, items=items, repeats=False)
    config = TwoTowerConfig(**(SMALL_TOWER | {"full_softmax_items": full_softmax_items}))
    untouched = TwoTower(dataset, config, seed=0).items.features().numpy()
    model, _, _ = fitted_tower(dataset, full_softmax_items=full_softmax_items)
    features, new = model.items.features().numpy(), dataset.items.rows(["new1", "new2"])
    assert features[new].tolist() == untouched[new].tolist()
    assert (features[dataset.items.rows(taken)] != untouched[dataset.items.rows(taken)]).any()


@pytest.mark.parametrize("objective", ["sampled_softmax", "bpr"])
def test_the_embedding_model_learns_who_takes_what(objective):
    dataset = two_camps()
    config = EmbeddingConfig(
        embedding_size=8, objective=objective, batch_size=64, negatives=16, learning_rate=0.05, weight_decay=1e-4
    )
    model = EmbeddingModel(
        customer_rows=dataset.customer_rows, item_rows=dataset.item_rows, embedding_size=8, mean=0.0, spread=0.1, seed=0
    )
    fit = EmbeddingFit(model, dataset, config, limits=all_events(dataset), seed=0)
    record = fit.run(Silent(), rounds=12, name="embedding")
    assert record.rounds[-1].loss < record.rounds[0].loss
    batch = batch_of_all(dataset)
    past = sum_up(batch.history, batch.now, (1.0,), things=batch.history.items, width=dataset.item_rows)
    exported = fit.export_customers()
    assert own_camp_share(dataset, batch.rows, exported(batch, past) @ exported.items.T) > 0.9
    # Folded in from their history, as if the fit had never met them.
    folded = exported(replace(batch, rows=np.zeros_like(batch.rows)), past)
    assert own_camp_share(dataset, batch.rows, folded @ exported.items.T) > 0.9


def test_an_embedding_fit_refuses_an_unknown_objective():
    dataset = two_camps(customers=2)
    model = EmbeddingModel(customer_rows=3, item_rows=21, embedding_size=2, mean=0.0, spread=0.1, seed=0)
    with pytest.raises(ConfigError, match="'bprr' is not one of sampled_softmax, bpr"):
        EmbeddingFit(model, dataset, EmbeddingConfig(objective="bprr"), limits=all_events(dataset), seed=0)


def test_a_fit_reads_nothing_beyond_its_limits():
    dataset = two_camps(customers=6)
    limits = np.minimum(dataset.events.lengths, 3)
    config = TwoTowerConfig(**SMALL_TOWER)
    fit = TwoTowerFit(TwoTower(dataset, config, seed=0), dataset, config, limits=limits, seed=0)
    visible = {
        (row, item)
        for row in range(1, dataset.customer_rows)
        for item in dataset.events.take(np.array([row])).items[:3].tolist()
    }
    for customers, _, history, targets, weights in fit.batches.draw(0):
        for customer, past, wanted, weight in zip(customers, history, targets, weights, strict=True):
            assert {(customer, item) for item in past if item} <= visible
            assert {(customer, item) for item in wanted[weight > 0]} <= visible
    assert fit.model.items.known.numpy().sum() == len({item for _, item in visible})
    embedding = EmbeddingModel(customer_rows=7, item_rows=21, embedding_size=2, mean=0.0, spread=0.1, seed=0)
    pairs = EmbeddingFit(embedding, dataset, EmbeddingConfig(objective="sampled_softmax"), limits=limits, seed=0)
    assert set(zip(pairs.customers.tolist(), pairs.items.tolist(), strict=True)) == visible


def test_the_batches_of_a_round_depend_on_seed_and_round_alone():
    dataset = two_camps(customers=8)
    config = TwoTowerConfig(**(SMALL_TOWER | {"full_softmax_items": 0, "batch_size": 16}))

    def drawn(seed, number):
        fit = TwoTowerFit(TwoTower(dataset, config, seed=0), dataset, config, limits=all_events(dataset), seed=seed)
        return [[part.tolist() for part in batch] for batch in fit.batches.draw(number)]

    assert drawn(1, 0) == drawn(1, 0)
    assert drawn(1, 0) != drawn(1, 1)
    assert drawn(1, 0) != drawn(2, 0)


def test_every_step_of_a_sampled_fit_has_the_same_shape():
    """One traced step serves every batch, those with few targets too."""
    dataset = two_camps(customers=8, length=3)
    config = TwoTowerConfig(**(SMALL_TOWER | {"full_softmax_items": 0, "batch_size": 4, "negatives": 32}))
    fit = TwoTowerFit(TwoTower(dataset, config, seed=0), dataset, config, limits=all_events(dataset), seed=0)
    drawn = [(*batch[:5], *batch[6:]) for batch in fit.batches.draw(0)]
    assert len({tuple(part.shape for part in batch) for batch in drawn}) == 1
    for *_, sampled, log_expected in fit.batches.draw(0):
        assert sampled.shape == log_expected.shape == (64,)
        assert np.isfinite(log_expected[sampled > 0]).all()


def test_the_items_of_a_sampled_batch_are_named_by_their_place_in_it():
    """The places stand for the same histories, targets and weights as in a batch without samples."""
    dataset = two_camps(customers=8)
    limits = all_events(dataset)
    config = TwoTowerConfig(**(SMALL_TOWER | {"batch_size": 16, "negatives": 8}))
    whole, sampled = (MomentBatches(dataset, config, limits=limits, whole=kind, seed=3) for kind in (True, False))
    expected, found = next(whole.draw(0)), next(sampled.draw(0))
    customers, events, history, targets, weights, rows, places, _ = found
    assert rows[0] == 0
    assert (np.diff(rows) > 0).all()
    for part, other in zip((customers, events, rows[history], rows[targets], weights), expected, strict=True):
        assert part.tolist() == other.tolist()
    assert set(rows.tolist()) == {0, *rows[history].flat, *rows[targets].flat, *rows[places].flat}


def test_the_histories_of_a_batch_are_about_as_long():
    dataset = dataset_of([(f"c{n}", f"i{k % 50}", float(k)) for n in range(12) for k in range(10 + 40 * (n % 3))])
    config = TwoTowerConfig(**(SMALL_TOWER | {"batch_size": 10, "history_length": 90}))
    batches = MomentBatches(dataset, config, limits=all_events(dataset), whole=True, seed=0)
    drawn = list(batches.draw(0))
    padding = np.mean([(history == 0).mean() for _, _, history, *_ in drawn])
    assert padding < 0.4
    assert {history.shape[1] for _, _, history, *_ in drawn} <= {20, 40, 60, 80, 90}
    # Nothing is lost by sorting: the moments of a round are those that chance has chosen.
    asked = np.concatenate([first for _, first, *_ in drawn])
    assert len(asked) == len(drawn) * 10
    assert len(np.unique(asked)) > 0.9 * min(len(asked), len(batches.moments.positions))


def test_a_log_of_one_event_can_be_fitted():
    dataset = dataset_of([("a", "x", 1.0)])
    for full_softmax_items in (10, 0):
        model, _, record = fitted_tower(dataset, rounds=2, full_softmax_items=full_softmax_items)
        assert np.isfinite([entry.loss for entry in record.rounds]).all()
        assert np.isfinite(model.item_vectors()).all()
    embedding = EmbeddingModel(customer_rows=2, item_rows=2, embedding_size=2, mean=0.0, spread=0.1, seed=0)
    fit = EmbeddingFit(
        embedding, dataset, EmbeddingConfig(objective="sampled_softmax"), limits=all_events(dataset), seed=0
    )
    assert np.isfinite([entry.loss for entry in fit.run(Silent(), rounds=2, name="embedding").rounds]).all()
    exported = fit.export_customers()
    assert np.isfinite(exported.fold).all()


@pytest.mark.parametrize("full_softmax_items", [10, 0])
def test_a_fit_that_may_see_nothing_learns_nothing_and_breaks_nothing(full_softmax_items):
    dataset = two_camps(customers=3)
    config = TwoTowerConfig(**(SMALL_TOWER | {"full_softmax_items": full_softmax_items}))
    nothing = np.zeros_like(all_events(dataset))
    model = TwoTower(dataset, config, seed=0)
    TwoTowerFit(model, dataset, config, limits=nothing, seed=0).run(Silent(), rounds=1, name="two-tower")
    assert np.isfinite(model.item_vectors()).all()
    embedding = EmbeddingModel(
        customer_rows=4, item_rows=dataset.item_rows, embedding_size=2, mean=0.0, spread=0.1, seed=0
    )
    fit = EmbeddingFit(embedding, dataset, EmbeddingConfig(objective="sampled_softmax"), limits=nothing, seed=0)
    fit.run(Silent(), rounds=1, name="embedding")
    assert not fit.export_customers().customers.any()
