"""The embedding model of retrieval, by each of its objectives, on people of two kinds."""

from dataclasses import replace

import numpy as np
import pytest
from small_logs import all_events, two_camps

from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_training.config.models import EmbeddingConfig
from shortlist_training.config.run import RunConfig
from shortlist_training.progress import Silent
from shortlist_training.split.plan import SplitKind, plan_split
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.embedding import GradientEmbedding, LeastSquaresEmbedding, fit_embedding
from shortlist_training.stages.windows import cut_windows

SMALL = {"batch_size": 32, "negatives": 16, "learning_rate": 0.05}


def fitted(objective, **settings):
    dataset = two_camps()
    config = replace(RunConfig(), embedding=EmbeddingConfig(objective=objective, **SMALL, **settings))
    plan, clock = cut_windows(dataset, replace(config.split, kind="last"))
    return dataset, fit_embedding(dataset, plan, clock, config, Silent(), TimeBudget(None), until=1.0)


def own_camp(dataset, space):
    """Return the share of each customer's best five items that is of their own kind."""
    rows = np.arange(1, dataset.customer_rows, dtype=np.int32)
    history, now = dataset.events.take(rows), np.full(len(rows), 100.0)
    batch = CustomerBatch(rows=rows, features=dataset.customer_features.take(rows), history=history, now=now)
    past = sum_up(history, now, (1.0,), things=history.items, width=dataset.item_rows)
    best = np.argsort(-(space.customers(batch, past) @ space.items.T)[:, 1:], axis=1)[:, :5] + 1
    kinds = np.array([[int(item[1:]) % 2 for item in dataset.items.ids(row)] for row in best])
    own = np.array([int(customer[1:]) % 2 for customer in dataset.customers.ids(rows)])
    return float((kinds == own[:, None]).mean())


@pytest.mark.parametrize(
    ("objective", "kind"),
    [("least_squares", LeastSquaresEmbedding), ("sampled_softmax", GradientEmbedding), ("bpr", GradientEmbedding)],
)
def test_each_objective_finds_the_kinds_before_and_after_a_refit(objective, kind):
    dataset, model = fitted(objective)
    assert isinstance(model, kind)
    assert own_camp(dataset, model.export()) > 0.9
    assert model.figures()["objective"] == objective
    model.refit(all_events(dataset), Silent())
    assert own_camp(dataset, model.export()) > 0.9


def test_least_squares_keeps_its_settings_through_a_refit():
    dataset, model = fitted("least_squares")
    before = model.figures()
    model.refit(all_events(dataset), Silent())
    assert model.figures() == before
    assert model.export().items.shape == (dataset.item_rows, before["width"])


def test_once_time_is_up_only_the_first_settings_are_tried():
    dataset = two_camps()
    plan, clock = cut_windows(dataset, replace(RunConfig().split, kind="last"))
    used_up = TimeBudget(1.0, start=0.0, clock=lambda: 60.0)
    hurried = fit_embedding(dataset, plan, clock, RunConfig(), Silent(), used_up, until=0.4)
    unhurried = fit_embedding(dataset, plan, clock, RunConfig(), Silent(), TimeBudget(None), until=0.4)
    # One way of weighing the newest events, and one width with every penalty.
    assert hurried.figures()["settings_tried"] == 3 < unhurried.figures()["settings_tried"]
    assert own_camp(dataset, hurried.export()) > 0.9


def test_the_width_can_be_given():
    dataset, model = fitted("least_squares", embedding_size=3)
    assert model.export().items.shape == (dataset.item_rows, 3)
    dataset, model = fitted("sampled_softmax", embedding_size=3)
    assert model.export().items.shape == (dataset.item_rows, 4)


def test_nothing_past_the_limits_is_fitted():
    dataset, model = fitted("least_squares")
    plan = plan_split(dataset, SplitKind.LAST)
    model.refit(np.zeros_like(plan.given), Silent())
    assert np.isfinite(model.export().items).all()
