"""When a server listens: at once where it is alone, and only once it can answer where others share its port."""

import gc
import threading
from contextlib import contextmanager
from dataclasses import replace

import grpc
import pytest
from calls import SETTINGS, until
from fakes import FakePipeline
from grpc_health.v1 import health_pb2, health_pb2_grpc

from shortlist_server import lifecycle
from shortlist_server.lifecycle import run
from shortlist_server.serving import Server
from shortlist_server.settings import ServeSettings
from shortlist_server.stopping import StopRequest
from shortlist_server.workers import reserved_port


@contextmanager
def loading(settings: ServeSettings):
    """A server whose loading ends when the event is set; yields it and the list of what it announced."""
    loaded, begun, announced, stop = threading.Event(), threading.Event(), [], StopRequest()

    def load():
        begun.set()
        loaded.wait(60.0)
        return FakePipeline()

    server = threading.Thread(target=run, args=(settings, load, stop, announced.append))
    server.start()
    try:
        assert begun.wait(60.0)
        yield loaded, announced
    finally:
        stop.request()
        server.join(60.0)
        loaded.set()
        stop.close()
        gc.unfreeze()


def status(address):
    with grpc.insecure_channel(address) as channel:
        return health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=60.0).status


@pytest.fixture
def ports(monkeypatch):
    """The ports of the servers that have begun to listen."""
    begun = []

    class Told(Server):
        def start(self):
            begun.append(super().start())
            return begun[-1]

    monkeypatch.setattr(lifecycle, "Server", Told)
    return begun


def test_a_server_of_its_own_says_that_it_is_not_ready_yet(ports):
    with loading(SETTINGS) as (loaded, announced):
        address = f"127.0.0.1:{ports[0]}"
        assert status(address) == health_pb2.HealthCheckResponse.NOT_SERVING
        loaded.set()
        until(lambda: announced)
        assert status(address) == health_pb2.HealthCheckResponse.SERVING
    assert [news.port for news in announced] == ports


def test_a_worker_that_starts_again_is_sent_no_calls_before_it_can_answer(ports):
    with reserved_port("127.0.0.1", 0) as port:
        settings = replace(SETTINGS, port=port, reuse_port=True)
        with loading(settings) as (loaded, announced):
            assert not ports
            loaded.set()
            until(lambda: announced)
            assert announced[0].port == port
            assert status(settings.address) == health_pb2.HealthCheckResponse.SERVING


def test_a_worker_that_is_stopped_while_it_loads_never_listens(ports):
    with (
        reserved_port("127.0.0.1", 0) as port,
        loading(replace(SETTINGS, port=port, reuse_port=True)) as (_, announced),
    ):
        pass
    assert not ports
    assert not announced
