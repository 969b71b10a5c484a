"""What all tests may use: one small shop trained once a run, and one live server that answers from it."""

import fcntl
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# `planted` and `small_models` are imported by their bare names, as the subprocesses do that run them.
sys.path.insert(0, str(Path(__file__).parent))

# On a busy machine an example takes longer, and is no worse for it.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("busy")


LONG = ("whole", "training", "server")
"""Rooms whose files take long, the longest first."""


def pytest_collection_modifyitems(items):
    """Let the longest begin: whichever came last would keep one worker busy while the other has nothing to do."""
    rank = {Path(__file__).parent / room: number for number, room in enumerate(LONG)}
    items.sort(key=lambda item: min((rank.get(folder, len(LONG)) for folder in item.path.parents), default=len(LONG)))


@dataclass(frozen=True)
class Trained:
    """A folder of the data contract, and the bundles trained on it."""

    data: Path
    bundles: Path


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """Return the folder that all workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def trained(shared):
    """Train the small shop once a run; whoever comes first does it, the others wait."""
    root = shared / "trained"
    with _locked(shared / "trained.lock"):
        if not (root / "done").exists():
            program = Path(__file__).parent / "planted.py"
            made = subprocess.run([sys.executable, program, root], capture_output=True, text=True, timeout=900)
            assert made.returncode == 0, made.stderr
            (root / "done").touch()
    return Trained(data=root / "shop", bundles=root / "bundles")


@pytest.fixture(scope="session")
def shop(trained):
    """Return the pipeline of the small shop; `now` is the end of its log."""
    from shortlist_server.pipeline.clock import ClockPolicy
    from shortlist_server.pipeline.pipeline import Pipeline

    return Pipeline.load(trained.bundles, "default", "stable", ClockPolicy.LOG_END)


@pytest.fixture(scope="session")
def shop_address(shop):
    """Return the address of one live server of the small shop."""
    from shortlist_server.serving import Server
    from shortlist_server.settings import ServeSettings

    server = Server(ServeSettings(port=0, encode_api=True, drain_wait=0.0, grace=0.2))
    port = server.start()
    server.put(shop)
    yield f"127.0.0.1:{port}"
    server.drain()


@pytest.fixture(scope="session")
def shop_client(shop_address):
    """Return a client of the live server."""
    from shortlist_client import Client

    with Client(shop_address, timeout=30.0) as client:
        yield client


@contextmanager
def _locked(path):
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
