"""Logs of slates and policies as files: what is read, and what is refused with file, column and row."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from shortlist_training.commands.evaluate import evaluate
from shortlist_training.errors import DataError, OverlapError
from shortlist_training.offpolicy.slates import read_comparison
from tables import logged, offered, two_items, written

LOG = [("s2", 1, "x", 0.5, 1.0), ("s1", 0, "x", 0.25, 0.0), ("s2", 0, "y", 1.0, None)]
POLICY = [("s1", 0, "x", 0.5), ("s1", 0, "z", 0.5), ("s2", 0, "y", 0.4), ("s2", 0, "x", 0.6), ("s2", 1, "z", 1.0),
          ("s9", 0, "x", 1.0)]  # fmt: skip


def test_slates_are_laid_out_by_impression_and_position(tmp_path):
    found = read_comparison(*written(tmp_path, logged(LOG), offered(POLICY)))
    assert found.shown.tolist() == [[True, False], [True, True]]
    assert found.items.tolist() == [[0, 0], [1, 0]]
    assert found.rewards.tolist() == [[0.0, 0.0], [0.0, 1.0]]
    assert found.logged.tolist() == [[0.25, 0.0], [1.0, 0.5]]
    assert found.new.tolist() == [[0.5, 0.0], [0.4, 0.0]]
    assert found.cumulative.tolist() == [[2.0, 2.0], [0.4, 0.0]]
    offers = found.offers
    rows = zip(offers.slates, offers.positions, offers.items, offers.probabilities, strict=True)
    assert [tuple(map(float, row)) for row in rows] == [
        (0, 0, 0, 0.5), (0, 0, 2, 0.5), (1, 0, 0, 0.6), (1, 0, 1, 0.4), (1, 1, 2, 1.0)
    ]  # fmt: skip
    assert found.logged_marginal is None


def test_a_policy_that_says_only_what_was_shown_has_no_offers(tmp_path):
    found = read_comparison(*written(tmp_path, logged(LOG), offered(POLICY[:1] + POLICY[2:])))
    assert found.offers is None


def test_marginal_probabilities_are_read_where_both_have_them(tmp_path):
    log = logged([(*row, 0.125) for row in LOG], marginal=True)
    policy = offered([(*row, 0.5) for row in POLICY], marginal=True)
    found = read_comparison(*written(tmp_path, log, policy))
    assert found.logged_marginal.tolist() == [[0.125, 0.0], [0.125, 0.125]]
    assert found.new_marginal.tolist() == [[0.5, 0.0], [0.5, 0.0]]


def test_csv_is_read_like_parquet(tmp_path):
    log, policy = written(tmp_path, logged(LOG), offered(POLICY))
    pl.read_parquet(policy).write_csv(tmp_path / "policy.csv")
    (tmp_path / "csv").mkdir()
    logged(LOG[:1]).write_csv(tmp_path / "csv" / "one.csv")
    logged(LOG[1:]).write_csv(tmp_path / "csv" / "two.csv")
    own, other = read_comparison(log, policy), read_comparison(tmp_path / "csv", tmp_path / "policy.csv")
    assert own.new.tolist() == other.new.tolist()
    assert own.rewards.tolist() == other.rewards.tolist()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("s1", 0, "x", 0.0, 0.0)], r"column 'probability', row 1: must be above 0 and up to 1"),
        ([LOG[0], ("s1", 0, "x", 1.5, 0.0)], r"column 'probability', row 2: must be above 0"),
        ([("s1", 0, "x", float("nan"), 0.0)], r"column 'probability', row 1"),
        ([("s1", 0, "x", None, 0.0)], r"column 'probability', row 1"),
        ([("s1", -1, "x", 0.5, 0.0)], r"column 'position', row 1: must be 0 to 999"),
        ([("s1", 1_000, "x", 0.5, 0.0)], r"column 'position', row 1"),
        ([("s1", 0, "x", 0.5, float("inf"))], r"column 'reward', row 1: must be a finite number"),
        ([(None, 0, "x", 0.5, 0.0)], r"column 'impression_id', row 1: is empty"),
        (
            [("s1", 0, "x", 0.5, 0.0), ("s1", 0, "y", 0.5, 0.0)],
            r"column 'position': a position of a slate is there twice",
        ),
        ([("s7", 0, "x", 0.5, 0.0)], r"column 'impression_id': says nothing of 1 of the 1 impressions"),
    ],
)
def test_what_a_log_cannot_mean_is_refused(tmp_path, rows, said):
    with pytest.raises(DataError, match=said):
        read_comparison(*written(tmp_path, logged(rows), offered(POLICY)))


def test_what_a_policy_cannot_mean_is_refused(tmp_path):
    with pytest.raises(DataError, match="row 2: must be 0 to 1"):
        read_comparison(*written(tmp_path / "a", logged(LOG), offered([POLICY[0], ("s2", 0, "x", -0.1)])))
    with pytest.raises(DataError, match="an item is offered twice"):
        read_comparison(*written(tmp_path / "b", logged(LOG), offered([*POLICY, POLICY[0]])))


def test_files_that_are_no_tables_are_refused(tmp_path):
    log, policy = written(tmp_path, logged(LOG), offered(POLICY))
    with pytest.raises(DataError, match="no such file"):
        read_comparison(tmp_path / "nothing.parquet", policy)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no tables"):
        read_comparison(tmp_path / "empty", policy)
    with pytest.raises(DataError, match="has no column 'reward'"):
        read_comparison(policy, policy)
    (tmp_path / "text.parquet").write_text("no table")
    with pytest.raises(DataError, match="cannot be read"):
        read_comparison(log, tmp_path / "text.parquet")
    logged(LOG).with_columns(position=pl.lit("first")).write_parquet(tmp_path / "words.parquet")
    with pytest.raises(DataError, match="column 'position': must hold whole numbers"):
        read_comparison(tmp_path / "words.parquet", policy)


def run(*arguments):
    return CliRunner().invoke(evaluate, [str(argument) for argument in arguments])


def test_the_command_judges_a_policy(tmp_path):
    log, policy = written(tmp_path, *two_items(2_000))
    result = run("--policy", policy, "--log", log)
    assert result.exit_code == 0, result.output
    assert "what was logged" in result.output
    assert "0.75000" in result.output
    result = run("--policy", policy, "--log", log, "--json", "--interval", "bootstrap", "--confidence", "0.9")
    document = json.loads(result.stdout)
    assert document["logged"]["value"] == 0.625
    figures = {one["estimator"]: one for one in document["estimates"]}
    assert figures["ips"]["value"] == pytest.approx(0.75)
    assert figures["ips"]["interval"]["kind"] == "bootstrap"
    assert document["refused"] == {}


def test_the_command_says_what_is_missing(tmp_path):
    log, policy = written(tmp_path, *two_items(80))
    assert isinstance(run("--policy", policy, "--log", log).exception, OverlapError)
    assert "belong together" in run("--policy", policy).output
    assert "--bundles" in run().output
