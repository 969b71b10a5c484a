"""The page and the curves of cold starts, from figures that can be added up by hand."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from shortlist_training.benchmark.cold_start.customers import LENGTHS, SERVED
from shortlist_training.benchmark.cold_start.measuring import KIND
from shortlist_training.benchmark.cold_start.summary import cold_start_document
from shortlist_training.benchmark.report.curves import curves
from shortlist_training.benchmark.report.page import write_cold_start_page
from shortlist_training.benchmark.seeds.folder import SeedFolder
from shortlist_training.benchmark.seeds.settings import digest_of
from shortlist_training.commands.bench import bench

ABOUT = {
    "split": {"kind": "time", "reason": "asked for"}, "share": 0.1, "held_out": {"customers": 2, "items": 3},
    "missing": {}, "seconds": 60.0, "peak_memory_mb": 900.0, "commit": "abc1234",
}  # fmt: skip


def customers(more):
    """Two customers; each item of history adds 0.01, features 0.1, and popularity knows nothing of either."""
    rows = [
        (customer, length, features, "cold_start:history", method, figure + more)
        for customer, luck in (("a", 0.0), ("b", 0.2))
        for length in LENGTHS
        for features in (True, False)
        for method, figure in ((SERVED, 0.2 + luck + 0.01 * length + 0.1 * features), ("popularity", 0.1 + luck))
    ]
    return pl.DataFrame(rows, schema=["customer_id", "length", "features", "path", "method", "ndcg"], orient="row")


def items():
    rows = [
        ("a", method, recall, 2 * recall, 3) for method, recall in ((SERVED, 0.3), ("content", 0.2), ("chance", 0.1))
    ]
    return pl.DataFrame(rows, schema=["customer_id", "method", "recall@20", "recall@200", "targets"], orient="row")


@pytest.fixture
def document(task, tmp_path):
    for seed in (0, 1):
        kept = SeedFolder.of(tmp_path, task, seed, kind=KIND)
        kept.begin("f")
        kept.write("customers", customers(0.1 * seed))
        missing = {} if seed == 0 else {"items": "nobody takes one"}
        if not seed:
            kept.write("items", items())
        kept.finish(digest_of(task, seed), {**ABOUT, "seed": seed, "missing": missing})
    return cold_start_document(tmp_path, [task], [0, 1], "shortlist bench cold-start x")


def test_figures_are_means_over_customers_and_seeds(document):
    (task,) = document["tasks"]
    rows = {(row["features"], row["length"]): row for row in task["customers"]["rows"]}
    assert len(rows) == 2 * len(LENGTHS)
    row = rows[True, 3]
    assert row["ndcg"][SERVED]["mean"] == pytest.approx(0.2 + 0.1 + 0.03 + 0.1 + 0.05)
    assert row["ndcg"][SERVED]["spread"] == pytest.approx(0.1 / 2**0.5)
    assert row["gain"]["popularity"]["difference"] == pytest.approx(0.1 + 0.03 + 0.1)
    assert row["paths"] == {"cold_start:history": 4}
    assert task["items"]["gain"]["chance"]["recall@200"]["difference"] == pytest.approx(0.4)
    assert (task["items"]["customers"], task["items"]["targets"]) == (1, 3.0)


def test_curves_rise_by_length(document):
    lines = curves(document["tasks"][0]["customers"])
    assert set(lines) == {(SERVED, True), (SERVED, False), ("popularity", True), ("popularity", False)}
    assert [length for length, _, _ in lines[SERVED, True]] == list(LENGTHS)
    means = [mean for _, mean, _ in lines[SERVED, True]]
    assert means == sorted(means)


def test_the_page_has_both_tables_and_the_curve(document, task, tmp_path):
    page = tmp_path / "docs" / "cold-start.md"
    text = write_cold_start_page(document, page, plots=page.parent / "plots")
    assert "| features | 0 | 0.4500" in text
    assert "`cold_start:history` (4)" in text
    assert "| chance | 0.1000" in text
    assert f"(plots/cold-start-{task.name}.png)" in text
    assert (page.parent / "plots" / f"cold-start-{task.name}.png").read_bytes().startswith(b"\x89PNG")


def test_a_part_that_was_not_measured_says_why(document, tmp_path):
    (task,) = document["tasks"]
    task["items"], task["missing"] = None, {"items": "the items have no table"}
    assert "the items have no table." in write_cold_start_page(document, None, plots=tmp_path)


def test_the_command_runs_nothing_again_and_tells_the_same(document, task, tmp_path):
    page = tmp_path / "docs" / "cold-start.md"
    given = [str(task.folder), "--seeds", "0,1", "--out", str(tmp_path), "--markdown", str(page), "--json"]
    result = CliRunner().invoke(bench, ["cold-start", *given])
    assert result.exit_code == 0, result.output
    assert result.stderr.count("is there") == 2
    assert json.loads(result.stdout)["tasks"] == json.loads(json.dumps(document["tasks"]))
    assert "| chance | 0.1000" in page.read_text()
