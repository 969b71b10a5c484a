import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shortlist_training import fetch, synth
from shortlist_training.commands import data as module
from shortlist_training.commands.data import data
from shortlist_training.errors import DataError, FetchError


def run(*arguments: object) -> Result:
    return CliRunner().invoke(data, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert run("synth", "catalogue", "--ratings", "planted", "--out", tmp_path / "log", "--seed", 7).exit_code == 0
    return tmp_path / "log"


def test_the_report_as_a_table(folder: Path) -> None:
    result = run("report", "--data", folder)

    assert result.exit_code == 0
    for words in ("interactions: 50,000 rows", "p10", "rating scale", "1 to 5"):
        assert words in result.output


def test_the_report_as_json(folder: Path) -> None:
    report = json.loads(run("report", "--data", folder, "--json").output)

    assert (report["interactions"], report["feedback"]) == (50_000, "ratings")


def test_the_report_of_explicit_paths_and_with_a_configuration(folder: Path) -> None:
    config = folder / "other.toml"
    config.write_text("[data]\nrepeats = true\n")
    paths = ["--interactions", folder / "interactions.parquet", "--items", folder / "items.parquet"]

    report = json.loads(run("report", *paths, "--config", config, "--json").output)

    assert report["repeats"] is True
    assert [table["name"] for table in report["tables"]] == ["interactions", "items"]


@pytest.mark.parametrize("arguments", [[], ["--data", "a", "--interactions", "b"], ["--data", "a", "--items", "b"]])
def test_either_a_folder_or_paths(arguments: list[str]) -> None:
    result = run("report", *arguments)

    assert result.exit_code == 2
    assert "--interactions" in result.output


def test_errors_of_the_data_reach_the_program(tmp_path: Path) -> None:
    assert isinstance(run("report", "--data", tmp_path).exception, DataError)


def test_synth_says_what_it_wrote(tmp_path: Path) -> None:
    result = run("synth", "ratings", "--out", tmp_path / "log")

    assert result.exit_code == 0
    assert "ratings (noise, seed 42) written to" in result.stderr
    assert "embedding_size = 8" in (tmp_path / "log" / "shortlist.toml").read_text()


def test_fetch_prints_the_licence_before_anything_else(tmp_path: Path) -> None:
    result = run("fetch", "movielens-1m", "--out", tmp_path / "log", "--from", tmp_path / "absent.zip")

    assert result.stderr.startswith("MovieLens data, by GroupLens Research")
    assert isinstance(result.exception, FetchError)


def test_names_written_out_are_those_that_exist() -> None:
    assert list(module.SETTINGS) == list(synth.SETTINGS)
    assert list(module.DATA_SETS) == list(fetch.DATA_SETS)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, shortlist_training.commands.data; print({'polars', 'numpy', 'scipy', 'rich'} & set(sys.modules))"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout == "set()\n"
