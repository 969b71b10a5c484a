"""Health says what is true: not serving until there is a pipeline, and not once the server drains."""

import threading
import time
from dataclasses import replace

import grpc
import pytest
from calls import SETTINGS, refusal, serving, until
from fakes import FakePipeline
from grpc_health.v1 import health_pb2, health_pb2_grpc
from valid_requests import recommend

from shortlist.v1 import recommender_service_pb2_grpc

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVICE_UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
NAMES = ("", "shortlist.v1.RecommenderService")


def request(service=""):
    return health_pb2.HealthCheckRequest(service=service)


@pytest.mark.parametrize("name", NAMES)
def test_not_serving_until_there_is_a_pipeline(name):
    with serving(None) as (server, channel):
        stub = health_pb2_grpc.HealthStub(channel)
        assert stub.Check(request(name), timeout=10.0).status == NOT_SERVING
        server.put(FakePipeline())
        assert stub.Check(request(name), timeout=10.0).status == SERVING


def test_a_service_that_is_not_here(live):
    stub = health_pb2_grpc.HealthStub(live)
    found = refusal(stub.Check, request("shortlist.v1.Nothing"))
    assert found.code is grpc.StatusCode.NOT_FOUND
    watch = stub.Watch(request("shortlist.v1.Nothing"), timeout=10.0)
    assert next(watch).status == SERVICE_UNKNOWN
    watch.cancel()


def test_every_service_is_listed(live):
    statuses = health_pb2_grpc.HealthStub(live).List(health_pb2.HealthListRequest(), timeout=10.0).statuses
    assert {name: reply.status for name, reply in statuses.items()} == dict.fromkeys(NAMES, SERVING)


def test_a_watch_tells_each_change_and_ends_with_the_server():
    with serving(None, replace(SETTINGS, drain_wait=0.1, grace=600.0)) as (server, channel):
        watch = health_pb2_grpc.HealthStub(channel).Watch(request(), timeout=600.0)
        told = []
        reader = threading.Thread(target=lambda: told.extend(reply.status for reply in watch))
        assert next(watch).status == NOT_SERVING
        reader.start()
        server.put(FakePipeline())
        server.put(FakePipeline())
        until(lambda: told == [SERVING])
        started = time.monotonic()
        server.drain()
        spent = time.monotonic() - started
        reader.join(60.0)
    assert told == [SERVING, NOT_SERVING]
    assert watch.code() is grpc.StatusCode.OK
    assert spent < 60.0, "an idle watch used up the grace"


def test_many_watches_take_no_thread_from_requests():
    with serving(FakePipeline(), replace(SETTINGS, threads=1, waiting=0)) as (_, channel):
        stub = health_pb2_grpc.HealthStub(channel)
        watches = [stub.Watch(request(), timeout=20.0) for _ in range(40)]
        assert [next(watch).status for watch in watches[:5]] == [SERVING] * 5
        assert stub.Check(request(), timeout=10.0).status == SERVING
        for watch in watches:
            watch.cancel()


def test_a_watch_that_its_caller_ends_is_forgotten():
    with serving(FakePipeline()) as (server, channel):
        watch = health_pb2_grpc.HealthStub(channel).Watch(request(), timeout=20.0)
        next(watch)
        assert len(server.health.watches) == 1
        watch.cancel()
        until(lambda: not server.health.watches)


def test_health_answers_while_the_server_is_overloaded():
    pipeline = FakePipeline()
    with serving(pipeline, replace(SETTINGS, threads=1, waiting=1)) as (_, channel), pipeline.held():
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        calls = [stub.Recommend.future(recommend(), timeout=60.0) for _ in range(8)]
        until(lambda: sum(call.done() for call in calls) == 6)
        assert health_pb2_grpc.HealthStub(channel).Check(request(), timeout=10.0).status == SERVING
        assert sum(call.done() for call in calls) == 6
