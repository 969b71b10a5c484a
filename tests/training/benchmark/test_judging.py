"""Lists are judged as the benchmark's own judge does, customer by customer."""

import importlib.util
import json
import os
from math import log2
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_task import write

from shortlist_training.benchmark.judging import METRICS, Judge
from shortlist_training.benchmark.task import read_benchmark_task
from shortlist_training.errors import BenchmarkError

JUDGE = "SHORTLIST_JUDGE"
"""The environment variable with the path of the benchmark's judge.py."""


@pytest.fixture
def small(tmp_path):
    """Two judged customers: one with items a and b for targets, one with c, who has taken a."""
    folder = tmp_path / "small-rehearsal"
    (folder / "data").mkdir(parents=True)
    write(folder / "data/interactions.parquet", [("y", "a"), ("z", "a"), ("z", "b")], "customer_id", "item_id")
    write(folder / "data/items.parquet", [("a",), ("b",), ("c",), ("d",)], "item_id")
    write(folder / "targets-new.parquet", [("x", "a"), ("x", "b"), ("y", "c")], "customer_id", "item_id")
    (folder / "task.json").write_text(json.dumps({"k": 2, "seen_allowed": {"new": False}}))
    return Judge.of(read_benchmark_task(folder), "new")


def lists(*rows):
    return pl.DataFrame(rows, schema=["customer_id", "rank", "item_id"], orient="row")


def test_figures_of_each_customer_by_hand(small):
    """x: the hit comes second of two; y: at rank 2 of two."""
    judged = small.judge(lists(("x", 2, "a"), ("x", 1, "d"), ("y", 1, "d"), ("y", 2, "c"), ("nobody", 1, "a")))
    second = 1 / np.log2(3)
    found = {row["customer_id"]: row for row in judged.customers.to_dicts()}
    assert found["x"]["ndcg"] == pytest.approx(second / (1 + second))
    assert (found["x"]["recall"], found["x"]["hr"], found["x"]["mrr"], found["x"]["history"]) == (0.5, 1.0, 0.5, 0)
    assert found["y"]["ndcg"] == pytest.approx(second)
    assert (found["y"]["recall"], found["y"]["history"]) == (1.0, 1)
    assert judged.coverage == 3 / 4


def test_who_has_no_list_scores_nothing(small):
    judged = small.judge(lists(("x", 1, "a")))
    assert judged.customers["ndcg"].to_list()[1] == 0
    assert judged.figures()["hr"].mean == 0.5


def test_targets_fall_into_quarters_of_the_catalogue(small):
    """a has two takers, b one, c and d none: a quarter of the catalogue each, equal ones in its order."""
    judged = small.judge(lists(("x", 1, "b"), ("y", 1, "c")))
    targets = [judged.customers[f"targets_{quarter}"].to_list() for quarter in (1, 2, 3, 4)]
    hits = [judged.customers[f"hits_{quarter}"].to_list() for quarter in (1, 2, 3, 4)]
    assert targets == [[1, 0], [1, 0], [0, 1], [0, 0]]
    assert hits == [[0, 0], [1, 0], [0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("x", 1, "a"), ("x", 2, "a")], "twice"),
        ([("x", 1, "elsewhere")], "outside the catalogue"),
        ([("y", 1, "a")], "has taken"),
    ],
)
def test_lists_against_the_rules_are_refused(small, rows, reason):
    with pytest.raises(BenchmarkError, match=reason):
        small.judge(lists(*rows))


CUSTOMERS, ITEMS = "uvwxy", "abcdefgh"
LISTS = st.dictionaries(st.sampled_from(CUSTOMERS), st.lists(st.sampled_from(ITEMS), unique=True, max_size=6))


@pytest.fixture(scope="module")
def judged_targets(tmp_path_factory):
    """A task of five customers, of whom the last has no target, with what each is to be shown."""
    folder = tmp_path_factory.mktemp("by-definition") / "tiny-rehearsal"
    (folder / "data").mkdir(parents=True)
    targets = {"u": {"a"}, "v": {"a", "b", "c", "d", "e"}, "w": {"g", "h"}, "x": {"c", "f", "g"}}
    pairs = [(customer, item) for customer, items in targets.items() for item in sorted(items)]
    write(folder / "data/interactions.parquet", [("u", "b"), ("y", "a"), ("y", "c")], "customer_id", "item_id")
    write(folder / "data/items.parquet", [(item,) for item in ITEMS], "item_id")
    # What is written down twice happened once.
    write(folder / "targets-all.parquet", [*pairs, pairs[0]], "customer_id", "item_id")
    (folder / "task.json").write_text(json.dumps({"k": 4, "seen_allowed": {"all": True}}))
    return Judge.of(read_benchmark_task(folder), "all"), targets


def by_definition(shown, targets, k):
    """Return one customer's metrics, straight from their definitions and without a line of ours."""
    top = shown[:k]
    ranks = [rank for rank, item in enumerate(top, 1) if item in targets]
    gain = sum(1 / log2(rank + 1) for rank in ranks)
    ideal = sum(1 / log2(rank + 1) for rank in range(1, min(k, len(targets)) + 1))
    return {
        "recall": len(ranks) / len(targets),
        "hr": float(bool(ranks)),
        "ndcg": gain / ideal,
        "mrr": 1 / ranks[0] if ranks else 0.0,
    }


@settings(max_examples=50)
@given(LISTS, st.integers(0, 1), st.randoms(use_true_random=False))
def test_any_lists_are_judged_as_the_metrics_are_defined(judged_targets, shown, first, random):
    judge, targets = judged_targets
    rows = [(customer, rank, item) for customer, items in shown.items() for rank, item in enumerate(items, first)]
    # The order of a list is that of its ranks, not that of the rows in the file.
    random.shuffle(rows)
    types = {"customer_id": pl.String, "rank": pl.Int64, "item_id": pl.String}
    found = judge.judge(pl.DataFrame(rows, schema=types, orient="row"))
    assert found.customers["customer_id"].to_list() == sorted(targets)
    for row in found.customers.to_dicts():
        expected = by_definition(shown.get(row["customer_id"], []), targets[row["customer_id"]], judge.task.k)
        assert {name: row[name] for name in METRICS} == pytest.approx(expected)
    anyone = {item for customer in targets for item in shown.get(customer, [])[: judge.task.k]}
    assert found.coverage == len(anyone) / len(ITEMS)


@pytest.fixture(scope="module")
def other_judge():
    path = os.environ.get(JUDGE)
    if not path or not Path(path).is_file():
        pytest.skip(f"{JUDGE} names no judge.py")
    pytest.importorskip("pandas")
    specification = importlib.util.spec_from_file_location("other_judge", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.judge


@pytest.mark.parametrize("part", ["new", "all"])
def test_the_benchmarks_own_judge_says_the_same(task, part, other_judge):
    random = np.random.default_rng(5)
    judge = Judge.of(task, part)
    seen = set(zip(judge.log["customer_id"], judge.log["item_id"], strict=True))
    rows = []
    for customer in judge.customers[:-3]:
        items = [f"i{n:02}" for n in random.permutation(40)]
        allowed = [item for item in items if task.parts[part] or (customer, item) not in seen]
        rows += [(customer, rank, item) for rank, item in enumerate(allowed[: random.integers(1, 6)], 1)]
    found = lists(*rows)
    theirs = other_judge(task.folder, part, found.to_pandas(), (task.k,))
    ours = judge.judge(found)
    for name in METRICS:
        assert ours.figures()[name].mean == pytest.approx(theirs[f"{name}@{task.k}"], abs=1e-5)
        assert ours.figures()[name].error == pytest.approx(theirs[f"{name}@{task.k}_se"], abs=1e-5)
    assert ours.coverage == pytest.approx(theirs[f"coverage@{task.k}"], abs=1e-5)
