"""Rating models: every kind can be fitted, and its export predicts what was trained."""

import numpy as np
import pytest
from rated_logs import rated
from small_logs import log_of

from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.histories import Histories
from shortlist_training.config.models import RatingsConfig
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.build import build_dataset
from shortlist_training.fitting.ratings import RatedPairs, RatingFit, hold_out, rated_pairs
from shortlist_training.progress import Silent
from shortlist_training.stages.ratings import _export, _new_model

SCALE = (1.0, 5.0)


def batch_of(dataset, customers):
    return CustomerBatch(
        rows=customers,
        features=dataset.customer_features.take(customers),
        history=Histories.empty(len(customers)),
        now=np.zeros(len(customers)),
    )


def fitted(kind, dataset, *, epochs=60, seed=0):
    config = RunConfig(seed=seed, ratings=RatingsConfig(epochs=epochs, batch_size=16, hidden=(16, 8), units=8))
    pairs = rated_pairs(dataset)
    model = _new_model(kind, dataset, SCALE, config, pairs)
    fit = RatingFit(model, config.ratings, pairs, seed=seed)
    before = fit.mean_squared_error(pairs)
    fit.run(Silent(), rounds=epochs, name=kind)
    return model, fit, before


@pytest.fixture(scope="module")
def dataset():
    return rated()


@pytest.mark.parametrize(
    ("kind", "features"), [("embedding", False), ("scorer", True), ("scorer", False), ("two_tower", True)]
)
def test_every_kind_learns_and_its_export_predicts_what_was_trained(kind, features):
    dataset = rated(features=features)
    model, fit, before = fitted(kind, dataset, epochs=12)
    pairs = rated_pairs(dataset)
    assert fit.mean_squared_error(pairs) < 0.7 * before
    trained = fit.forward(pairs.customers, pairs.items).numpy()
    exported = _export(model, SCALE).predict(batch_of(dataset, pairs.customers), pairs.items[:, None])[:, 0]
    np.testing.assert_allclose(exported, np.clip(trained, *SCALE), atol=1e-5)


def test_pairs_without_a_rating_are_left_out(dataset):
    pairs = rated_pairs(dataset)
    assert 0 < len(pairs) < len(dataset.events.items)
    assert set(np.unique(pairs.ratings)) == {2.0, 5.0}
    assert (pairs.items > 0).all()


def test_a_log_without_ratings_has_no_pairs():
    dataset = build_dataset(log_of([("a", "b")], columns=("customer_id", "item_id")))
    with pytest.raises(ValueError, match="no ratings"):
        rated_pairs(dataset)


def pairs_of(count):
    rows = np.arange(count, dtype=np.int32)
    return RatedPairs(customers=rows, items=rows, ratings=rows.astype(np.float32))


@pytest.mark.parametrize(
    ("count", "share", "held"), [(10, 0.2, 2), (10, 0.01, 1), (2, 0.5, 1), (1, 0.5, 0), (0, 0.5, 0)]
)
def test_so_many_are_held_out(count, share, held):
    train, held_out = hold_out(pairs_of(count), share, 42)
    assert (len(train), len(held_out)) == (count - held, held)
    assert sorted([*train.ratings, *held_out.ratings]) == list(range(count))


def test_the_seed_chooses_which_are_held_out():
    first, again, other = (hold_out(pairs_of(100), 0.2, seed)[1].ratings.tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_the_squared_error_is_that_of_unclipped_predictions(dataset):
    pairs = rated_pairs(dataset)
    model = _new_model("embedding", dataset, SCALE, RunConfig(), pairs)
    model.item_bias.assign(np.full(dataset.item_rows, 9.0, np.float32))
    by_hand = np.mean((model(pairs.customers, pairs.items).numpy() - pairs.ratings) ** 2)
    assert by_hand > 60
    assert RatingFit(model, RatingsConfig(), pairs, seed=0).mean_squared_error(pairs) == pytest.approx(by_hand)


def test_a_linear_model_starts_at_the_mean(dataset):
    pairs = rated_pairs(dataset)
    model = _new_model("scorer", dataset, SCALE, RunConfig(), pairs)
    assert model.mlp.last.bias.numpy()[0] == pytest.approx(pairs.ratings.mean())
