"""`shortlist serve`: its options, and what it prints; the serving itself is tested beside."""

import json

import pytest
from click.testing import CliRunner

from shortlist_server.commands import serve as command
from shortlist_server.lifecycle import Serving
from shortlist_server.settings import ServeSettings


@pytest.fixture
def started(monkeypatch):
    """What `start` was called with, instead of a server."""
    calls = []

    def start(settings, load, announce, *, log_level, follow):
        calls.append((settings, load, log_level))
        announce(Serving(model="default", version="v1", bundle="b1", host="127.0.0.1", port=7, workers=1))

    monkeypatch.setattr(command, "start", start)
    return calls


def run(*arguments):
    return CliRunner().invoke(command.serve, [str(argument) for argument in arguments])


def test_without_options_it_serves_this_machine_alone(started, tmp_path):
    result = run("--bundles", tmp_path)
    assert result.exit_code == 0, result.output
    settings, load, log_level = started[0]
    assert settings == ServeSettings()
    assert settings.address == "127.0.0.1:50051"
    assert load.args == (tmp_path, "default", "stable", "live")
    assert log_level == "WARNING"


def test_every_option_arrives(started, tmp_path):
    options = "--model m --version v2 --host 0.0.0.0 --port 0 --workers 2 --threads 3 --waiting 4 --sessions 5 "
    options += "--clock log_end --grace 1.5 --drain-wait 0 --encode-api --no-reflection --log-level info"
    result = run("--bundles", tmp_path, *options.split())
    assert result.exit_code == 0, result.output
    settings, load, log_level = started[0]
    assert settings == ServeSettings(
        host="0.0.0.0",
        port=0,
        workers=2,
        threads=3,
        waiting=4,
        sessions=5,
        grace=1.5,
        drain_wait=0.0,
        encode_api=True,
        reflection=False,
    )
    assert load.args == (tmp_path, "m", "v2", "log_end")
    assert log_level == "INFO"


def test_one_line_says_that_it_serves(started, tmp_path):
    result = run("--bundles", tmp_path)
    assert result.stdout == "serving model=default bundle=b1 on 127.0.0.1:7 workers=1\n"


def test_the_line_says_when_another_version_serves_than_the_alias_names():
    news = Serving(model="m", version="v1", bundle="b", host="127.0.0.1", port=7, instead_of="v2")
    assert str(news) == "serving model=m bundle=b instead of v2, which may not serve, on 127.0.0.1:7 workers=1"


def test_programs_read_the_line_as_json(started, tmp_path):
    news = json.loads(run("--bundles", tmp_path, "--json").stdout)
    assert news == {
        "event": "serving",
        "model": "default",
        "version": "v1",
        "bundle": "b1",
        "host": "127.0.0.1",
        "port": 7,
        "workers": 1,
        "admin": "",
        "instead_of": "",
        "metrics": "",
        "address": "127.0.0.1:7",
    }


@pytest.mark.parametrize(
    "options",
    [
        ["--port", 70_000],
        ["--workers", 0],
        ["--threads", 0],
        ["--clock", "sundial"],
        ["--grace", -1],
        ["--sessions", -1],
    ],
)
def test_options_that_cannot_be_meant(started, tmp_path, options):
    result = run("--bundles", tmp_path, *options)
    assert result.exit_code == 2
    assert options[0] in result.output
    assert not started


def test_a_folder_that_is_not_there(started, tmp_path):
    assert run("--bundles", tmp_path / "nothing").exit_code == 2
    assert not started


def test_an_ipv6_host_gets_brackets():
    assert ServeSettings(host="::1", port=5).address == "[::1]:5"
