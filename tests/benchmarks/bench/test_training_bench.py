"""What the measurements of training say of small drawn logs, and what their commands refuse."""

import json

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from scipy import sparse

from shortlist_bench.closed_form import closed_form
from shortlist_bench.drawn_dataset import draw_dataset
from shortlist_bench.drawn_log import write_drawn_log
from shortlist_bench.ease import Ease
from shortlist_bench.training_commands import evaluation, training
from shortlist_training.retrieval.batches import training_clock
from shortlist_training.split.plan import SplitKind, plan_split


def test_a_drawn_log_is_the_same_twice_and_as_long_as_wanted(tmp_path):
    logs = []
    for _ in range(2):
        write_drawn_log(tmp_path, 2_000)
        logs.append(pl.read_parquet(tmp_path / "interactions.parquet"))
    assert logs[0].equals(logs[1])
    assert logs[0].height == 2_000
    assert logs[0]["customer_id"].n_unique() == 20


def test_evaluation_ranks_everything_for_everybody():
    args = ["--customers", "60", "--items", "300", "--width", "8", "--json"]
    found = CliRunner().invoke(evaluation, args, catch_exceptions=False)
    figures = json.loads(found.stdout)["figures"]
    # A few have in their last events nothing but what they had before.
    assert 40 <= figures["customers"] <= 60
    assert (figures["items"], figures["depth"]) == (300, 20)
    assert 0 < figures["ndcg"] < 0.5


@pytest.mark.parametrize(("args", "words"), [
    ([], "name a folder"),
    (["--vocabulary", "many"], "not a list of whole numbers"),
    (["--vocabulary", "10"], "between 100 and"),
])  # fmt: skip
def test_what_cannot_be_measured_is_refused(args, words):
    found = CliRunner().invoke(training, args)
    assert found.exit_code == 2
    assert words in found.output


def test_the_mark_of_ease_is_that_of_its_own_scores():
    dataset = draw_dataset(customers=40, items=30, events=12, random=np.random.default_rng(0))
    plan = plan_split(dataset, SplitKind.LAST)
    clock = training_clock(dataset, plan.scorer, typical=0.5)
    ease = Ease.fitted(dataset, plan)
    assert ease is not None
    taken = np.zeros((dataset.customer_rows, dataset.item_rows), np.float32)
    for row in range(1, dataset.customer_rows):
        taken[row, dataset.events.items_of(row)[: plan.given[row]]] = 1
    np.testing.assert_allclose(ease.weights, closed_form(sparse.csr_matrix(taken), 500.0), atol=1e-6)
    assert 0 <= ease.ndcg(dataset, plan, clock) <= 1
