"""The rating stage: which model, how it is judged, what is published."""

from dataclasses import replace

import numpy as np
import pytest
from rated_logs import rated
from small_logs import log_of

from shortlist_training.config.models import RatingsConfig
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.build import build_dataset
from shortlist_training.errors import ConfigError
from shortlist_training.fitting.ratings import hold_out, rated_pairs
from shortlist_training.progress import Silent
from shortlist_training.stages import ratings as stage
from shortlist_training.stages.ratings import choose_model, fit_ratings, rating_errors

SCALE = (1.0, 5.0)
CONFIG = RunConfig(
    ratings=RatingsConfig(epochs=25, batch_size=16, hidden=(16, 8), held_out=0.2, embedding_size=4, learning_rate=0.01)
)


@pytest.fixture(scope="module")
def dataset():
    return rated()


@pytest.fixture(scope="module")
def fitted(dataset):
    return fit_ratings(dataset, SCALE, CONFIG, Silent(), dense=True)


def test_the_figures_are_those_of_ratings_held_out(fitted, dataset):
    pairs = rated_pairs(dataset)
    figures = fitted.figures
    assert figures["ratings"] == len(pairs)
    assert figures["held_out"] == round(0.2 * len(pairs))
    assert figures["model"] == "scorer"
    assert 0 < figures["held_out_loss"] < 1.0
    # The spread of the planted ratings is 1.5.
    assert figures["rmse"] < 0.75
    assert figures["mae"] <= figures["rmse"]
    assert figures["epochs"] == 25


def test_the_published_model_has_seen_every_rating(fitted, dataset):
    pairs = rated_pairs(dataset)
    _, held_out = hold_out(pairs, 0.2, CONFIG.seed)
    assert rating_errors(fitted.model, dataset, held_out)["rmse"] < 0.5


def test_small_logs_are_trained_for_all_epochs(dataset):
    config = replace(CONFIG, ratings=replace(CONFIG.ratings, epochs=3))
    assert fit_ratings(dataset, SCALE, config, Silent(), dense=False).figures["epochs"] == 3


def test_what_is_held_out_for_the_report_has_no_say_in_when_to_stop(dataset, monkeypatch):
    """Otherwise the reported error would be the best of many looks at the very ratings that it is measured on."""
    monkeypatch.setattr(stage, "EARLY_STOPPING_RATINGS", 1)
    pairs = rated_pairs(dataset)
    _, held_out = hold_out(pairs, 0.2, CONFIG.seed)
    hidden = set(zip(held_out.customers.tolist(), held_out.items.tolist(), strict=True))
    nonsense = dataset.ratings.copy()
    for n, pair in enumerate(zip(dataset.events.owners.tolist(), dataset.events.items.tolist(), strict=True)):
        if pair in hidden:
            nonsense[n] = 7.0 - nonsense[n]
    honest, fooled = (
        fit_ratings(one, SCALE, CONFIG, Silent(), dense=True).figures
        for one in (dataset, replace(dataset, ratings=nonsense))
    )
    assert honest["epochs"] == fooled["epochs"]
    assert honest["held_out_loss"] < fooled["held_out_loss"]


@pytest.mark.parametrize(
    ("chosen", "dense", "features", "kind"),
    [
        (None, True, True, "scorer"),
        (None, False, True, "embedding"),
        (None, True, False, "embedding"),
        ("two_tower", False, False, "two_tower"),
        ("embedding", True, True, "embedding"),
    ],
)
def test_features_beat_ids_where_everybody_rates_everything(chosen, dense, features, kind):
    config = replace(CONFIG, ratings=replace(CONFIG.ratings, model=chosen))
    assert choose_model(rated(features=features), config, dense=dense) == kind


def test_a_model_that_does_not_exist_is_refused(dataset):
    config = replace(CONFIG, ratings=replace(CONFIG.ratings, model="oracle"))
    with pytest.raises(ConfigError, match="'oracle' is not one of embedding, scorer, two_tower"):
        choose_model(dataset, config, dense=True)


@pytest.mark.parametrize("kind", ["scorer", "two_tower"])
def test_yes_and_no_become_a_probability(kind):
    dataset = rated()
    answers = np.where(dataset.ratings == 5.0, np.float32(1), np.where(np.isnan(dataset.ratings), np.nan, 0))
    config = replace(CONFIG, ratings=replace(CONFIG.ratings, model=kind, epochs=15))
    fitted = fit_ratings(replace(dataset, ratings=answers.astype(np.float32)), (0.0, 1.0), config, Silent(), dense=True)
    assert fitted.figures["mae"] < 0.3
    assert fitted.model.scorer.output.sigmoid


def test_yes_and_no_stay_between_zero_and_one_on_a_wider_scale():
    dataset = rated(customers=10)
    answers = np.where(np.isnan(dataset.ratings), np.nan, (dataset.ratings == 5.0)).astype(np.float32)
    config = replace(CONFIG, ratings=replace(CONFIG.ratings, epochs=2))
    model = fit_ratings(replace(dataset, ratings=answers), SCALE, config, Silent(), dense=True).model
    assert (model.low, model.high) == (model.scorer.output.low, model.scorer.output.high) == (0.0, 1.0)


def test_a_single_rating_is_published_without_figures():
    dataset = build_dataset(log_of([("a", "b", 4.0)], columns=("customer_id", "item_id", "rating")))
    config = replace(CONFIG, ratings=replace(CONFIG.ratings, epochs=2))
    fitted = fit_ratings(dataset, SCALE, config, Silent(), dense=False)
    assert fitted.figures["held_out"] == 0
    assert fitted.figures["held_out_loss"] is None
    assert fitted.figures["rmse"] is None
