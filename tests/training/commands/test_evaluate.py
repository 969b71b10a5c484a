"""`shortlist evaluate`: the published figures, and those on a newer log."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from shortlist_bundle.errors import BundleNotFound
from shortlist_bundle.files import open_bundle
from shortlist_training.calibration.plot import write_reliability
from shortlist_training.commands.evaluate import evaluate
from shortlist_training.errors import DataError


def run(*arguments):
    return CliRunner().invoke(evaluate, [str(argument) for argument in arguments])


def test_without_data_it_shows_what_the_bundle_was_published_with(trained):
    result = run("--bundles", trained.bundles)
    assert result.exit_code == 0, result.output
    assert "own_past alone" in result.output
    assert "before and after the refit" in result.output
    result = run("--bundles", trained.bundles, "--json")
    assert json.loads(result.output) == open_bundle(trained.bundles, "default", "stable").document("metrics")


def test_plots_show_how_far_probabilities_can_be_trusted(trained, tmp_path):
    pictures = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        result = run("--bundles", trained.bundles, "--plots", folder)
        assert result.exit_code == 0, result.output
        assert "reliability.png" in result.stderr
        pictures.append((folder / "reliability.png").read_bytes())
    assert pictures[0].startswith(b"\x89PNG")
    assert pictures[0] == pictures[1]
    assert write_reliability({"ranking": {}}, tmp_path / "none") is None
    assert not (tmp_path / "none").exists()


@pytest.fixture
def newer(trained, tmp_path):
    log = pl.read_parquet(trained.data / "interactions.parquet")
    again = log.tail(300).with_columns(pl.col("timestamp") + 40 * 86_400.0)
    pl.concat([log, again]).write_parquet(tmp_path / "interactions.parquet")
    return tmp_path


def test_with_data_it_judges_on_what_came_later(trained, newer):
    result = run("--bundles", trained.bundles, "--data", newer)
    assert result.exit_code == 0, result.output
    assert "all items, seen ones too" in result.output
    result = run("--bundles", trained.bundles, "--data", newer, "--json")
    (funnel, *_) = json.loads(result.stdout)
    assert funnel["mode"] == "all"
    assert funnel["end_to_end"]["recall@20"]["mean"] > 0.5


def test_varied_lists_are_judged_on_what_came_later(trained, newer, tmp_path):
    plots = tmp_path / "plots"
    result = run("--bundles", trained.bundles, "--data", newer, "--diversity", "--plots", plots, "--json")
    assert result.exit_code == 0, result.output
    reports = json.loads(result.stdout)
    assert {file.name for file in plots.glob("diversity*")} == {f"diversity-{one['mode']}.png" for one in reports}
    (plain, *_) = json.loads(run("--bundles", trained.bundles, "--data", newer, "--json").stdout)
    (report, *_) = reports
    assert (report["mode"], report["k"], report["column"]) == ("all", 20, "category")
    # The plain list is the list of the funnel.
    assert report["plain"]["figures"]["ndcg"] == plain["end_to_end"]["ndcg@20"]
    distances = {(one["method"], one["knob"]): one["figures"]["distance"]["mean"] for one in report["points"]}
    for method in ("mmr", "dpp", "max_sum"):
        assert distances[method, 1.0] > distances[method, 0.05] >= report["plain"]["figures"]["distance"]["mean"] - 1e-9
    result = run("--bundles", trained.bundles, "--data", newer, "--diversity")
    assert "by score " in result.output


def test_diversity_needs_a_log_to_judge_on(trained):
    result = run("--bundles", trained.bundles, "--diversity")
    assert result.exit_code == 2
    assert "needs --data" in result.output


def test_what_cannot_be_judged_is_an_error_for_people(trained):
    assert isinstance(run("--bundles", trained.bundles, "--data", trained.data).exception, DataError)
    assert isinstance(run("--bundles", trained.bundles, "--version", "v9").exception, BundleNotFound)
