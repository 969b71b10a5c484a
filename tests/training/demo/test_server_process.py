"""The process is a stand-in that does what `shortlist serve` does on stdout."""

import os
import sys
import time
from contextlib import suppress

import pytest

from shortlist_training.demo import server_process as module
from shortlist_training.demo.server_process import ServerProcess
from shortlist_training.errors import DemoError

SERVES = """
import json, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(json.dumps({"event": "serving", "address": "127.0.0.1:7", "arguments": sys.argv[1:]}), flush=True)
time.sleep(60)
"""
DEAF = SERVES.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
FAILS = "import sys; sys.exit('error: no bundle here')"
SILENT = "import time; time.sleep(60)"


@pytest.fixture
def server(monkeypatch, tmp_path):
    def server(program):
        monkeypatch.setattr(module, "_PROGRAM", (sys.executable, "-c", program))
        return ServerProcess(tmp_path / "bundles", tmp_path / "server.log")

    return server


def gone(process):
    with suppress(ProcessLookupError):
        os.kill(process.pid, 0)
        return False
    return True


def test_it_serves_until_the_block_ends(server):
    with server(SERVES) as running:
        assert running.address == "127.0.0.1:7"
        assert 0 < running.seconds < 30
        assert not gone(running._process)
    assert gone(running._process)


def test_an_error_inside_the_block_stops_it_too(server):
    with pytest.raises(KeyboardInterrupt), server(SERVES) as running:
        raise KeyboardInterrupt
    assert gone(running._process)


def test_a_server_that_does_not_listen_to_signals_is_killed(server, monkeypatch):
    monkeypatch.setattr(module, "SLOWEST_STOP", 0.2)
    with server(DEAF) as running:
        pass
    assert gone(running._process)


def test_a_server_that_cannot_start_says_why(server):
    with pytest.raises(DemoError, match="no bundle here"), server(FAILS):
        pass


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(server, monkeypatch):
    monkeypatch.setattr(module, "SLOWEST_START", 0.3)
    started = time.monotonic()
    with pytest.raises(DemoError, match="it said nothing"), server(SILENT):
        pass
    assert time.monotonic() - started < 30


def test_it_is_started_with_options_that_the_command_has(server):
    from shortlist_server.commands.serve import serve

    known = {name for parameter in serve.params for name in parameter.opts}
    given = [word for word in server(SERVES)._command if word.startswith("--")]
    assert given
    assert set(given) <= known
