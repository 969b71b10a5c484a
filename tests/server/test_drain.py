"""SIGTERM under load fails no call; pulling the plug does."""

import signal
import threading
import time

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from valid_requests import recommend

from shortlist.v1 import recommender_service_pb2_grpc

CALLERS = 4


class Load:
    """Callers who call one after another, and leave a server that says it stops, as balancers do."""

    def __init__(self, address):
        self.answered = 0
        self.failed = []
        self.leave = threading.Event()
        self._address = address
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._call) for _ in range(CALLERS)]
        self._watcher = threading.Thread(target=self._watch)

    def __enter__(self):
        for thread in (*self._threads, self._watcher):
            thread.start()
        return self

    def __exit__(self, *_error):
        for thread in (*self._threads, self._watcher):
            thread.join(20.0)

    def _watch(self):
        with grpc.insecure_channel(self._address) as channel:
            try:
                for reply in health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=20.0):
                    if reply.status != health_pb2.HealthCheckResponse.SERVING:
                        break
            except grpc.RpcError:
                pass
            self.leave.set()

    def _call(self):
        with grpc.insecure_channel(self._address) as channel:
            stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
            while not self.leave.is_set():
                try:
                    stub.Recommend(recommend(), timeout=10.0)
                except grpc.RpcError as error:
                    with self._lock:
                        self.failed.append(error.code())
                    return
                with self._lock:
                    self.answered += 1


def under_load(process, stop):
    """Run the load against a server, and stop that in the midst of it."""
    with Load(process.address) as load:
        deadline = time.monotonic() + 10.0
        while load.answered < 50 and time.monotonic() < deadline:
            time.sleep(0.01)
        stop()
    return load


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_fails_no_call(start, number):
    process = start(seconds=0.01, grace=10.0, drain_wait=0.2).wait_until_serving()
    load = under_load(process, lambda: process.signal(number))
    assert load.answered >= 50
    assert not load.failed
    assert process.wait() == (0, "")


def test_a_killed_server_fails_calls(start):
    """The negative control: the load notices."""
    process = start(seconds=0.05).wait_until_serving()
    load = under_load(process, lambda: process.signal(signal.SIGKILL))
    assert load.failed


def test_without_grace_calls_in_flight_fail(start):
    process = start(seconds=0.3, grace=0.0, drain_wait=0.0).wait_until_serving()
    with grpc.insecure_channel(process.address) as channel:
        call = recommender_service_pb2_grpc.RecommenderServiceStub(channel).Recommend.future(recommend(), timeout=10.0)
        time.sleep(0.1)
        process.signal()
        assert call.exception() is not None


def test_a_call_in_flight_ends_well(start):
    process = start(seconds=0.5, grace=10.0, drain_wait=0.0).wait_until_serving()
    with grpc.insecure_channel(process.address) as channel:
        call = recommender_service_pb2_grpc.RecommenderServiceStub(channel).Recommend.future(recommend(), timeout=10.0)
        time.sleep(0.1)
        process.signal()
        assert call.result().item_ids


def test_an_idle_server_is_gone_at_once(start):
    process = start(grace=30.0, drain_wait=0.1).wait_until_serving()
    with grpc.insecure_channel(process.address) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=20.0)
        next(watch)
        started = time.monotonic()
        process.signal()
        assert process.wait() == (0, "")
        assert time.monotonic() - started < 5.0


def test_a_server_that_still_loads_stops_too(start):
    process = start("load_slowly")
    time.sleep(1.5)
    assert process.process.poll() is None
    started = time.monotonic()
    process.signal()
    code, errors = process.wait()
    assert (code, errors) == (0, "")
    assert time.monotonic() - started < 5.0
