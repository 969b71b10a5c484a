"""The short race that chooses what the configuration leaves open."""

from dataclasses import replace

import pytest
from small_logs import two_camps

from shortlist_training.config.models import TwoTowerConfig
from shortlist_training.config.run import RunConfig
from shortlist_training.progress import Silent
from shortlist_training.stages import two_tower
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.tuning_window import TuningWindow
from shortlist_training.stages.two_tower import TEMPERATURES, WIDER, fit_tower
from shortlist_training.stages.windows import cut_windows


def fitted(budget=None, **settings):
    dataset = two_camps()
    settings = {"batch_size": 32, "history_length": 6, "rounds": 1, **settings}
    config = replace(RunConfig(), two_tower=TwoTowerConfig(**settings))
    plan, clock = cut_windows(dataset, replace(config.split, kind="last"))
    tuning = TuningWindow(dataset, plan.tune, clock)
    return fit_tower(dataset, plan, tuning, config, Silent(), TimeBudget(budget))


@pytest.mark.parametrize("worth", [0.0, 100.0])
def test_every_temperature_runs_and_another_than_the_usual_must_pay(monkeypatch, worth):
    monkeypatch.setattr(two_tower, "WORTH_OTHER", worth or 1e-9)
    tower = fitted()
    assert list(tower.race) == [f"temperature {temperature}" for temperature in TEMPERATURES]
    found = {temperature: tower.race[f"temperature {temperature}"] for temperature in TEMPERATURES}
    others = {temperature: figure for temperature, figure in found.items() if temperature != TEMPERATURES[0]}
    assert tower.model.temperature == (TEMPERATURES[0] if worth else max(others, key=lambda t: others[t]))
    assert tower.to_json()["temperature"] == tower.model.temperature
    assert tower.to_json()["embedding_size"] == 64


def test_the_leader_goes_on_as_if_there_had_been_no_race():
    raced = fitted(rounds=3)
    alone = fitted(rounds=3, temperature=raced.model.temperature)
    assert raced.race
    assert raced.record.to_json() == alone.record.to_json()
    assert raced.model.item_vectors().tolist() == alone.model.item_vectors().tolist()


def test_where_the_loss_is_sampled_the_race_is_run_apart():
    raced = fitted(rounds=3, full_softmax_items=0)
    alone = fitted(rounds=3, full_softmax_items=0, temperature=raced.model.temperature)
    assert len(raced.race) == len(TEMPERATURES)
    assert raced.record.to_json() == alone.record.to_json()


def test_what_is_given_is_not_raced_for():
    tower = fitted(temperature=0.15, embedding_size=8)
    assert tower.race == {}
    assert tower.model.temperature == 0.15
    assert tower.model.items.ids.shape[1] == 8


@pytest.mark.parametrize("worth", [0.0, 100.0])
def test_a_large_log_may_have_a_wider_model_if_it_pays(monkeypatch, worth):
    monkeypatch.setattr(two_tower, "WIDER_MOMENTS", 1)
    monkeypatch.setattr(two_tower, "WORTH_WIDER", worth)
    tower = fitted(temperature=0.2)
    assert list(tower.race) == ["temperature 0.2", f"temperature 0.2, width {WIDER}"]
    assert tower.model.items.ids.shape[1] == (WIDER if worth == 0.0 else 64)


def test_without_time_the_race_is_left_out():
    tower = fitted(budget=1e-6)
    assert tower.race == {}
    assert tower.model.temperature == TEMPERATURES[0]
