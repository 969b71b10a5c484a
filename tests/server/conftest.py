import sys
from pathlib import Path

import pytest

# Siblings such as `fakes` are imported by their bare name, as the subprocesses do that run them.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "bundle"))

from calls import serving
from fakes import FakePipeline
from processes import Process

from shortlist.v1 import model_service_pb2_grpc, recommender_service_pb2_grpc


@pytest.fixture(scope="session")
def live():
    """One server for all tests that need none of their own."""
    with serving(FakePipeline()) as (_, channel):
        yield channel


@pytest.fixture(scope="session")
def recommender(live):
    return recommender_service_pb2_grpc.RecommenderServiceStub(live)


@pytest.fixture(scope="session")
def models(live):
    return model_service_pb2_grpc.ModelServiceStub(live)


@pytest.fixture
def start():
    """Start `fakes.py LOAD WORKERS GRACE DRAIN_WAIT SECONDS [PORT]`."""
    started = []

    def starting(load="load", workers=1, grace=5.0, drain_wait=0.1, seconds=0.0, *port):
        started.append(Process(load, workers, grace, drain_wait, seconds, *port))
        return started[-1]

    yield starting
    for process in started:
        process.kill()
