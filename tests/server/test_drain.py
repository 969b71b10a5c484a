"""SIGTERM under load fails no call; pulling the plug does."""

import signal
import threading
from contextlib import contextmanager

import grpc
import pytest
from calls import until
from grpc_health.v1 import health_pb2, health_pb2_grpc
from processes import LONGEST
from talk import talking
from valid_requests import recommend

from shortlist.v1 import recommend_pb2, recommender_service_pb2_grpc

CALLERS = 4
LEAVING = 2.0
"""Seconds that callers have to leave a server that says it stops."""


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
            thread.join(LONGEST)

    def _watch(self):
        with grpc.insecure_channel(self._address) as channel:
            try:
                for reply in health_pb2_grpc.HealthStub(channel).Watch(
                    health_pb2.HealthCheckRequest(), timeout=LONGEST
                ):
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
                    stub.Recommend(recommend(), timeout=LONGEST)
                except grpc.RpcError as error:
                    with self._lock:
                        self.failed.append(error.code())
                    return
                with self._lock:
                    self.answered += 1


def under_load(process, stop):
    """Run the load against a server, and stop that in the midst of it."""
    with Load(process.address) as load:
        until(lambda: load.answered >= 50 or load.failed)
        stop()
    return load


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_fails_no_call(start, number):
    process = start(seconds=0.01, grace=60.0, drain_wait=LEAVING).wait_until_serving()
    load = under_load(process, lambda: process.signal(number))
    assert load.answered >= 50
    assert not load.failed
    assert process.wait() == (0, "")


def test_a_killed_server_fails_calls(start):
    """The negative control: the load notices."""
    process = start(seconds=0.05).wait_until_serving()
    load = under_load(process, lambda: process.signal(signal.SIGKILL))
    assert load.failed


@contextmanager
def in_flight(process):
    """A call that the server works on."""
    with grpc.insecure_channel(process.address) as channel:
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        call = stub.Recommend.future(recommend(), timeout=600.0)
        process.wait_until("working")
        yield call


def test_without_grace_calls_in_flight_fail(start):
    process = start("load_telling", seconds=600.0, grace=0.0, drain_wait=0.0).wait_until_serving()
    with in_flight(process) as call:
        process.signal()
        assert call.exception(LONGEST) is not None


def test_a_call_in_flight_ends_well(start):
    process = start("load_telling", seconds=0.5, grace=60.0, drain_wait=0.0).wait_until_serving()
    with in_flight(process) as call:
        process.signal()
        assert call.result(LONGEST).item_ids


def test_an_idle_server_is_gone_at_once(start):
    process = start(grace=600.0, drain_wait=0.1).wait_until_serving()
    with grpc.insecure_channel(process.address) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=600.0)
        next(watch)
        process.signal()
        assert process.wait() == (0, "")


def test_sessions_end_with_the_message_in_hand(start):
    process = start("load_telling", seconds=0.5, grace=600.0, drain_wait=0.0).wait_until_serving()
    with grpc.insecure_channel(process.address) as channel, talking(channel) as works, talking(channel) as waits:
        opening = recommend_pb2.RecommendRequest(customer_id="ann")
        waits.say(quiet=True, open=opening)
        works.say(open=opening)
        process.wait_until("working")
        process.signal()
        assert works.hear().item_ids
        for talk in (works, waits):
            assert talk.refusal().reason == "DRAINING"
        assert process.wait() == (0, "")


def test_a_server_that_still_loads_stops_too(start):
    process = start("load_slowly").wait_until("loading")
    process.signal()
    assert process.wait() == (0, "")
