"""`shortlist bench quality` with real peers, each a process of its own."""

import json
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1] / "benchmark" / "ablations"))
from measured import write_measured
from planted_task import planted_task

from shortlist_training.benchmark.task import read_benchmark_task
from shortlist_training.commands.bench import bench
from shortlist_training.errors import BenchmarkError

SMALL = """
[embedding]
embedding_size = 8

[two_tower]
embedding_size = 8
temperature = 0.2
rounds = 1

[scorer]
hidden = [8]
rounds = 2
budget = 20
"""


def run(*arguments, command="quality"):
    return CliRunner().invoke(bench, [command, *map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return planted_task(tmp_path_factory.mktemp("tasks"))


def rows(result):
    (task,) = json.loads(result.stdout)["tasks"]
    return {row["method"]: row for row in task["parts"][0]["methods"]}


def test_peers_are_run_judged_and_reported(folder, tmp_path):
    page = tmp_path / "docs" / "quality.md"
    given = (folder, "--methods", "popularity,ease", "--out", tmp_path / "out", "--json", "--markdown", page)
    first = run(*given)
    assert first.exit_code == 0, first.output
    found = rows(first)
    assert found["ease"]["figures"]["ndcg"]["mean"] > found["popularity"]["figures"]["ndcg"]["mean"] + 0.3
    assert found["ease"]["peak_memory_mb"] > 10
    assert "| ease |" in page.read_text()
    assert str(tmp_path) not in page.read_text()
    again = run(*given)
    assert again.stderr.count("is there") == 2
    assert rows(again) == found


def test_a_peer_that_cannot_run_is_reported(tmp_path):
    folder = planted_task(tmp_path)
    log = pl.read_parquet(folder / "data/interactions.parquet")
    log.drop("timestamp").write_parquet(folder / "data/interactions.parquet")
    result = run(folder, "--methods", "tifu-knn,popularity", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "| tifu-knn | 0 | the log has no times" in result.stdout
    assert "| popularity |" in result.stdout


@pytest.mark.parametrize("seeds", ["", "x", "-1"])
def test_seeds_are_numbers(folder, tmp_path, seeds):
    result = run(folder, "--methods", "popularity", "--out", tmp_path, "--seeds", seeds)
    assert result.exit_code == 2
    assert "--seeds" in result.output


def test_a_method_that_is_none_is_an_error_for_people(folder, tmp_path):
    found = run(folder, "--methods", "eaze", "--out", tmp_path).exception
    assert isinstance(found, BenchmarkError)
    assert "'ease'" in str(found)


@pytest.mark.slow
def test_shortlist_itself_is_trained_once_and_asked_for_its_sources(folder, tmp_path):
    methods = "shortlist,shortlist:linear,popularity"
    result = run(folder, "--methods", methods, "--budget", 0.5, "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.output
    found = rows(result)
    assert set(found) == {"shortlist", "shortlist:linear", "shortlist@0.5", "popularity"}
    assert found["shortlist"]["figures"]["ndcg"]["mean"] > found["popularity"]["figures"]["ndcg"]["mean"] + 0.3
    assert found["shortlist:linear"]["training_seconds"] is None
    assert len(list(tmp_path.rglob("trained.json"))) == 2


def test_ablations_that_are_there_are_reported_and_not_run(folder, tmp_path):
    write_measured(tmp_path / "out", read_benchmark_task(folder))
    page = tmp_path / "docs" / "ablations.md"
    given = (folder, "--seeds", "0,1", "--out", tmp_path / "out", "--markdown", page)
    result = run(*given, command="ablations")
    assert result.exit_code == 0, result.output
    assert result.stderr.count("is there") == 2
    assert "| own past of the item |" in page.read_text()
    assert str(tmp_path) not in page.read_text()
    (task,) = json.loads(run(*given, "--json", command="ablations").stdout)["tasks"]
    assert task["seeds"] == [0, 1]


@pytest.mark.slow
def test_ablations_of_a_small_task_without_its_targets(tmp_path):
    folder = planted_task(tmp_path)
    (folder / "data" / "shortlist.toml").write_text(SMALL)
    result = run(folder, "--out", tmp_path / "out", "--json", command="ablations")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["failures"] == []
    (mode,) = document["tasks"][0]["modes"]
    assert len(mode["taken"]) + len(mode["alone"]) > 15
    assert (tmp_path / "out" / "plots" / "ablations-planted-rehearsal.png").exists()
    again = run(folder, "--out", tmp_path / "out", command="ablations")
    assert again.stderr.count("is there") == 1
