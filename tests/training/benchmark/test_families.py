"""The table of families, from metrics that can be read off."""

import json

import pytest
from click.testing import CliRunner

from shortlist_training.benchmark.families import WHOLE, Bundles, families_document
from shortlist_training.benchmark.ours import Ours
from shortlist_training.benchmark.report.page import write_families_page
from shortlist_training.commands.bench import bench
from shortlist_training.errors import BenchmarkError
from shortlist_training.progress import Silent


def at(mean):
    return {"mean": mean, "error": 0.01}


def source(ndcg):
    return {"ndcg@20": at(ndcg), "recall@20": at(ndcg / 2), "recall@200": at(2 * ndcg)}


def funnel(*, whole=0.4, **changes):
    return {
        "mode": "new", "customers": 50, "targets": 2.0,
        "sources": {"popularity": source(0.1), "content": source(0.3)},
        "source_catalogue": {"content": {"coverage@20": 0.8, "novelty@20": 9.0}},
        "shortlist": {"recall": at(0.7), "size": at(240.0)},
        "end_to_end": {"ndcg@20": at(whole), "recall@20": at(0.25)},
        "catalogue": {"coverage@20": 0.5, "novelty@20": 7.0},
        **changes,
    }  # fmt: skip


def bundles_of(monkeypatch, metrics, tmp_path):
    def trained(self, task, budget, seed):
        if metrics is None:
            raise BenchmarkError("no memory is left")
        return {"bundle": "abc", "metrics": metrics}

    monkeypatch.setattr(Ours, "trained", trained)
    return Bundles(ours=Ours(out=tmp_path), folder=None, seed=0, progress=Silent())


def metrics_of(*found):
    return {"split": {"kind": "time", "reason": "asked for"}, "ranking": {"judged": {"refitted pair": list(found)}}}


def test_the_whole_list_stands_over_the_sources_by_falling_quality(task, tmp_path, monkeypatch):
    document = families_document(bundles_of(monkeypatch, metrics_of(funnel()), tmp_path), [task], "bench families x")
    (mode,) = document["tasks"][0]["modes"]
    assert [row["name"] for row in mode["rows"]] == [WHOLE, "content", "popularity"]
    assert [row["candidates"]["mean"] for row in mode["rows"]] == [0.7, 0.6, 0.2]
    assert [row["coverage"] for row in mode["rows"]] == [0.5, 0.8, None]
    assert mode["best"]
    page = write_families_page(document, tmp_path / "docs" / "families.md")
    assert "| **all together, reranked** | 0.4000 ±0.0100 | 0.2500 ±0.0100 | 0.7000 ±0.0100 | 50.0% | 7.00 |" in page
    assert "| popularity | 0.1000 ±0.0100 | 0.0500 ±0.0100 | 0.2000 ±0.0100 |  |  |" in page
    assert "has a higher nDCG@20" not in page
    assert (tmp_path / "docs" / "families.md").read_text() == page


def test_a_source_that_beats_the_whole_list_is_told(task, tmp_path, monkeypatch):
    found = bundles_of(monkeypatch, metrics_of(funnel(whole=0.2)), tmp_path)
    page = write_families_page(families_document(found, [task], "x"), None)
    assert "a source alone has a higher nDCG@20 than the whole list" in page


@pytest.mark.parametrize(("metrics", "reason"), [(None, "no memory is left"), ({"split": {}}, "only predicts ratings")])
def test_what_has_no_table_says_why(task, tmp_path, monkeypatch, metrics, reason):
    document = families_document(bundles_of(monkeypatch, metrics, tmp_path), [task], "x")
    assert not document["tasks"]
    assert reason in document["failures"][0]["reason"]
    assert reason in write_families_page(document, None)


def test_a_folder_without_the_model_is_told(task, tmp_path):
    found = Bundles(ours=Ours(out=tmp_path), folder=tmp_path, seed=0, progress=Silent())
    with pytest.raises(BenchmarkError, match=f"no bundle of the model {task.name}"):
        found.metrics(task)


def test_the_command_writes_the_page(task, tmp_path, monkeypatch):
    bundles_of(monkeypatch, metrics_of(funnel()), tmp_path)
    page = tmp_path / "families.md"
    given = [str(task.folder), "--out", str(tmp_path), "--markdown", str(page), "--json"]
    result = CliRunner().invoke(bench, ["families", *given])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["tasks"][0]["bundle"] == "abc"
    assert f"## {task.name}" in page.read_text()
