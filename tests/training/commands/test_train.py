"""`shortlist train`: the smallest of logs becomes a bundle."""

import json

import pytest
from click.testing import CliRunner

from shortlist_bundle.files import list_aliases, list_versions, open_bundle
from shortlist_training.commands.train import train
from shortlist_training.errors import ConfigError, DataError
from shortlist_training.synth import write_setting


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ratings") / "data"
    write_setting("ratings", folder)
    return folder


def run(*arguments):
    return CliRunner().invoke(train, [str(argument) for argument in arguments])


def test_every_option_arrives(data, tmp_path):
    config = tmp_path / "other.toml"
    config.write_text("[ratings]\nepochs = 2\nheld_out = 0.3\n")
    options = "--model films --alias canary --seed 5 --budget 3 --no-deterministic --json"
    result = run("--data", data, "--bundles", tmp_path / "b", "--config", config, *options.split())
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    (version,) = list_versions(tmp_path / "b", "films")
    assert made["bundle"] == {"model": "films", "version": version.version, "id": version.bundle_id}
    assert version.aliases == ("canary",)
    assert made["metrics"]["ratings"]["held_out"] == 3
    assert {"dataset", "ratings", "publish"} <= made["seconds"].keys()
    opened = open_bundle(tmp_path / "b", "films", "canary")
    stored = opened.document("config")
    assert stored["run"] == {"seed": 5, "budget_minutes": 3.0, "deterministic": False}
    assert stored["ratings"]["epochs"] == 2
    assert opened.document("metrics") == made["metrics"]
    assert opened.report("run")["seconds"].keys() >= {"dataset", "ratings"}


def test_the_configuration_beside_the_data_is_read(data, tmp_path):
    result = run("--data", data, "--bundles", tmp_path)
    assert result.exit_code == 0, result.output
    assert "held_out_loss" in result.stdout
    assert "is default/" in result.stdout
    assert list_aliases(tmp_path, "default").keys() == {"stable"}
    stored = open_bundle(tmp_path, "default", "stable").document("config")
    assert stored["run"]["seed"] == 42
    assert stored["ratings"]["embedding_size"] == 8


def test_what_cannot_be_trained_on_is_an_error_for_people(data, tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text("[ratings]\nmodel = 'oracle'\n")
    found = run("--data", data, "--bundles", tmp_path / "b", "--config", bad)
    assert isinstance(found.exception, ConfigError)
    assert "oracle" in str(found.exception)
    assert isinstance(run("--data", tmp_path / "nowhere", "--bundles", tmp_path / "b").exception, DataError)
    assert not (tmp_path / "b").exists()
