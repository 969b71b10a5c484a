"""`shortlist tune`: from a folder to a configuration that suits it better."""

import json

import pytest
from click.testing import CliRunner
from small_logs import log_of

from shortlist_training.commands.tune import tune
from shortlist_training.config.toml import read_config
from shortlist_training.errors import ConfigError, DataError
from shortlist_training.study import run as study_run
from shortlist_training.synth import write_setting

CONFIG = "[run]\nseed = 4\n\n[two_tower]\nembedding_size = 8\nrounds = 1\n\n[scorer]\nrounds = 2\nbudget = 20\n"


@pytest.fixture
def data(tmp_path):
    """Write a log in which every customer of five takes every second item in turn."""
    folder = tmp_path / "data"
    folder.mkdir()
    events = [(f"c{n % 50}", f"i{(n * 7 + n // 50) % 20}", 1e9 + 3600.0 * n) for n in range(500)]
    log_of(events).interactions.write_parquet(folder / "interactions.parquet")
    (folder / "shortlist.toml").write_text(CONFIG)
    return folder


def run(*arguments):
    return CliRunner().invoke(tune, [str(argument) for argument in arguments])


def test_a_search_writes_what_train_can_read(data, tmp_path):
    out, study = tmp_path / "found" / "best.toml", tmp_path / "trials"
    result = run("--data", data, "--out", out, "--study", study, "--budget", 5, "--trials", 2, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (len(told["trials"]), told["stopped"], told["config"], told["study"]) == (2, "trials", str(out), str(study))
    assert told["first"]["settings"]["two_tower.embedding_size"] == 8
    assert told["gain"] == told["best"]["ndcg@20"] - told["first"]["ndcg@20"]
    written = read_config(out)
    assert (written.seed, written.two_tower.rounds, written.scorer.budget) == (4, 1, 20)
    assert written.two_tower.temperature == told["best"]["settings"]["two_tower.temperature"]

    again = run("--data", data, "--out", out, "--study", study, "--budget", 5, "--trials", 1)
    assert again.exit_code == 0, again.output
    assert "goes on after 2 trials" in again.stderr
    assert "1, the configuration as it is" in again.stdout
    assert f"shortlist train --data {data} --bundles bundles --config {out}\n" in again.stdout


@pytest.mark.parametrize(
    ("changes", "said"), [(("--seed", 5), "another configuration or seed"), (("--config", "{}"), "another config")]
)
def test_a_foreign_study_is_refused(data, tmp_path, monkeypatch, changes, said):
    monkeypatch.setattr(study_run, "first_pair_measure", lambda *_: lambda config: 0.5)
    fixed = ("--data", data, "--out", tmp_path / "a.toml", "--budget", 1, "--trials", 1)
    assert run(*fixed).exit_code == 0
    (tmp_path / "other.toml").write_text("[scorer]\nrounds = 7\n")
    refused = run(*fixed, *(str(word).format(tmp_path / "other.toml") for word in changes))
    assert isinstance(refused.exception, ConfigError)
    assert said in str(refused.exception)


def test_ctrl_c_keeps_what_was_found(data, tmp_path, monkeypatch):
    figures = iter([0.25, 0.5])

    def measure(config):
        try:
            return next(figures)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(study_run, "first_pair_measure", lambda *_: measure)
    result = run("--data", data, "--out", tmp_path / "a.toml", "--budget", 5)
    assert result.exit_code == 1
    assert "interrupted; what was found so far is kept" in result.stderr
    assert "+0.2500 (+100.0%), trial 2 of 2" in result.stdout
    assert read_config(tmp_path / "a.toml").two_tower != read_config(data / "shortlist.toml").two_tower


def test_what_cannot_be_searched_is_an_error_for_people(data, tmp_path):
    write_setting("ratings", tmp_path / "ratings")
    refused = run("--data", tmp_path / "ratings", "--out", tmp_path / "a.toml", "--budget", 1)
    assert isinstance(refused.exception, DataError)
    overwriting = run("--data", data, "--out", data / "shortlist.toml", "--budget", 1)
    assert isinstance(overwriting.exception, ConfigError)
    assert run("--data", data).exit_code == 2
    assert not (tmp_path / "a.toml").exists()
