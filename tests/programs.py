"""The `shortlist` program, in this process or as processes of their own, and servers that it starts."""

import io
import json
import subprocess
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from shortlist_client import Client

CALL = "import sys; from shortlist_client.program import main; sys.argv[0] = 'shortlist'; main()"
LONGEST = 600.0


def shortlist(*arguments):
    """Return the command line that runs the program of this environment."""
    return [sys.executable, "-c", CALL, *map(str, arguments)]


def run(*arguments):
    """Run the program as a process and return what it prints."""
    done = subprocess.run(shortlist(*arguments), capture_output=True, text=True, timeout=LONGEST)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_here(*arguments):
    """Run the program in this process and return what it prints."""
    from shortlist_client.program import run as program

    out, error = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(error):
        code = program([str(argument) for argument in arguments])
    assert code == 0, error.getvalue()
    return out.getvalue()


class AddressedClient(Client):
    """A client that remembers where its server is."""

    def __init__(self, address, **settings):
        super().__init__(address, **settings)
        self.address = address


@contextmanager
def serving(bundles, *options):
    """Run `shortlist serve` as a process and yield a client of it."""
    command = shortlist("serve", "--bundles", bundles, "--port", 0, "--json", *options)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line, "the server has ended"
        with AddressedClient(json.loads(line)["address"], timeout=30.0) as client:
            yield client
    finally:
        process.terminate()
        assert process.wait(60) == 0
        process.stdout.close()


@contextmanager
def serving_here(bundles):
    """Serve the newest bundle in this process, as the command does, and yield a client of it."""
    from shortlist_server.pipeline.clock import ClockPolicy
    from shortlist_server.pipeline.pipeline import Pipeline
    from shortlist_server.serving import Server
    from shortlist_server.settings import ServeSettings

    server = Server(ServeSettings(port=0, drain_wait=0.0, grace=0.2))
    port = server.start()
    server.put(Pipeline.load(bundles, "default", "stable", ClockPolicy.LIVE))
    try:
        with AddressedClient(f"127.0.0.1:{port}", timeout=30.0) as client:
            yield client
    finally:
        server.drain()
