"""FeedbackService over a real socket: rows, duplicates, runs, refusals."""

import threading
import time
from dataclasses import replace

import grpc
import pytest
from calls import SETTINGS, refusal, serving, unpack, until
from fakes import FakePipeline

from shortlist.v1 import feedback_service_pb2 as pb
from shortlist.v1 import feedback_service_pb2_grpc, value_pb2
from shortlist_bundle.changes.change import EventRecorded
from shortlist_bundle.changes.log import START
from shortlist_bundle.changes.memory import MemoryLog
from shortlist_bundle.errors import ChangesDamaged, StorageError, StorageFull
from shortlist_server.errors import LogFull, LogUnavailable
from shortlist_server.servicers.feedback import append

RECORDED, DUPLICATE, REJECTED = pb.EVENT_OUTCOME_RECORDED, pb.EVENT_OUTCOME_DUPLICATE, pb.EVENT_OUTCOME_REJECTED
NAN, INF = float("nan"), float("inf")


def event(name="e1", **changes):
    return pb.Event(**{"event_id": name, "customer_id": "ann", "item_id": "apple", "timestamp": 1.0, **changes})


def request(*events, **fields):
    return pb.RecordEventsRequest(events=events, **fields)


def portion(*events, **fields):
    return pb.RecordEventStreamRequest(events=events, **fields)


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    settings = replace(SETTINGS, log=tmp_path_factory.mktemp("log"))
    with serving(FakePipeline(), settings) as (server, channel):
        yield server, feedback_service_pb2_grpc.FeedbackServiceStub(channel)


@pytest.fixture
def stub(live):
    return live[1]


@pytest.fixture
def kept(live):
    """Return what the log holds beyond what it held at the start of the test."""
    changes = live[0].changes
    start = changes.newest()
    return lambda: [change for _, change in changes.read(start, limit=10_000)]


def test_every_field_of_an_event_is_kept(stub, kept):
    whole = event(
        "whole", event="purchase", value=2.0, rating=4.0, order_id="o1", impression_id="i1", rank=3,
        context={"device": value_pb2.Value(text="phone"), "hour": value_pb2.Value(integer=7), "no": value_pb2.Value()},
    )  # fmt: skip
    answer = stub.RecordEvents(request(whole, placement="home"))
    assert list(answer.outcomes) == [RECORDED]
    assert kept() == [
        EventRecorded(
            event_id="whole", customer_id="ann", item_id="apple", timestamp=1.0, event="purchase", value=2.0,
            rating=4.0, order_id="o1", context={"device": "phone", "hour": 7}, impression_id="i1", rank=3,
            placement="home",
        )
    ]  # fmt: skip


def test_an_event_without_a_moment_happened_when_it_arrived(stub, kept):
    before = time.time()
    stub.RecordEvents(request(pb.Event(event_id="now", customer_id="ann", item_id="apple")))
    assert before <= kept()[0].timestamp <= time.time()
    assert kept()[0].value == 1.0


def test_each_row_stands_or_falls_alone(live, stub, kept):
    rows = [event("row-a"), event(""), event("row-a"), event("row-b", value=NAN, item_id=""), event("row-c")]
    answer = stub.RecordEvents(request(*rows))
    assert list(answer.outcomes) == [RECORDED, REJECTED, DUPLICATE, REJECTED, RECORDED]
    assert [one.row for one in answer.errors] == [1, 3]
    fields = [[one.field for one in unpack(error.status)["BadRequest"].field_violations] for error in answer.errors]
    assert fields == [["event_id"], ["value", "item_id"]]
    assert [change.event_id for change in kept()] == ["row-a", "row-c"]
    assert int(answer.position) == live[0].changes.newest()


def test_a_retry_records_nothing_twice(stub, kept):
    for outcome in (RECORDED, DUPLICATE, DUPLICATE):
        assert list(stub.RecordEvents(request(event("retry"))).outcomes) == [outcome]
    assert len(kept()) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"event_id": "x" * 65}, "event_id"),
        ({"event_id": "é" * 33}, "event_id"),
        ({"customer_id": ""}, "customer_id"),
        ({"customer_id": "x" * 257}, "customer_id"),
        ({"item_id": ""}, "item_id"),
        ({"event": "x" * 257}, "event"),
        ({"timestamp": NAN}, "timestamp"),
        ({"timestamp": 1.7e12}, "timestamp"),
        ({"value": -1.0}, "value"),
        ({"value": INF}, "value"),
        ({"rating": NAN}, "rating"),
        ({"order_id": "x" * 257}, "order_id"),
        ({"impression_id": "x" * 257}, "impression_id"),
        ({"context": {str(n): value_pb2.Value(flag=True) for n in range(65)}}, "context"),
        ({"context": {"a": value_pb2.Value(number=NAN)}}, "context[a]"),
        ({"context": {"a": value_pb2.Value(texts=value_pb2.TextList(values=["x"]))}}, "context[a]"),
    ],
)
def test_a_field_that_cannot_be_meant_is_named(stub, kept, changes, field):
    answer = stub.RecordEvents(
        request(pb.Event(**{"event_id": "bad", "customer_id": "ann", "item_id": "x", **changes}))
    )
    assert list(answer.outcomes) == [REJECTED]
    (violation,) = unpack(answer.errors[0].status)["BadRequest"].field_violations
    assert violation.field == field
    assert not kept()


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (request(), grpc.StatusCode.INVALID_ARGUMENT),
        (request(*[event()] * 1_001), grpc.StatusCode.INVALID_ARGUMENT),
        (request(event(), model="other"), grpc.StatusCode.NOT_FOUND),
        (request(event(), placement="nowhere"), grpc.StatusCode.NOT_FOUND),
    ],
)
def test_a_request_that_cannot_be_meant_records_nothing(stub, kept, message, code):
    assert refusal(stub.RecordEvents, message).code is code
    assert not kept()


def test_a_run_is_answered_once_at_its_end(live, stub, kept):
    messages = [
        portion(event("s1"), event(""), placement="home"),
        portion(event("s1"), event("s2"), event("", item_id="")),
    ]
    answer = stub.RecordEventStream(iter(messages), timeout=10.0)
    counts = (answer.recorded_count, answer.duplicate_count, answer.rejected_count)
    assert counts == (2, 1, 2)
    assert [one.row for one in answer.errors] == [1, 4]
    assert [(change.event_id, change.placement) for change in kept()] == [("s1", "home"), ("s2", "home")]
    assert int(answer.position) == live[0].changes.newest()


def test_a_run_reports_the_first_hundred_errors(stub):
    answer = stub.RecordEventStream(iter([portion(*[event("")] * 80)] * 2), timeout=10.0)
    assert answer.rejected_count == 160
    assert [one.row for one in answer.errors] == list(range(100))


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([], grpc.StatusCode.INVALID_ARGUMENT),
        ([portion(event("r1")), portion()], grpc.StatusCode.INVALID_ARGUMENT),
        ([portion(event("r1"), model="other")], grpc.StatusCode.NOT_FOUND),
    ],
)
def test_a_run_that_cannot_be_meant_ends_with_its_status(live, stub, messages, code):
    assert refusal(stub.RecordEventStream, iter(messages)).code is code
    until(lambda: not len(live[0].places))


def test_without_a_log_both_methods_are_switched_off():
    with serving(FakePipeline()) as (_, channel):
        stub = feedback_service_pb2_grpc.FeedbackServiceStub(channel)
        for found in (
            refusal(stub.RecordEvents, request(event())),
            refusal(stub.RecordEventStream, iter([portion(event())])),
        ):
            assert (found.code, found.reason) == (grpc.StatusCode.UNIMPLEMENTED, "FEATURE_OFF")
            assert "--log" in found.text


def test_before_there_is_a_bundle_nothing_is_recorded(tmp_path):
    with serving(None, replace(SETTINGS, log=tmp_path)) as (server, channel):
        stub = feedback_service_pb2_grpc.FeedbackServiceStub(channel)
        assert refusal(stub.RecordEvents, request(event())).code is grpc.StatusCode.UNAVAILABLE
        assert server.changes.newest() == START


def test_a_run_that_waits_ends_when_the_server_stops(tmp_path):
    gate = threading.Event()

    def messages():
        yield portion(event("d1"))
        gate.wait(30.0)

    with serving(FakePipeline(), replace(SETTINGS, log=tmp_path)) as (server, channel):
        stub = feedback_service_pb2_grpc.FeedbackServiceStub(channel)
        call = stub.RecordEventStream.future(messages(), timeout=30.0)
        until(lambda: server.changes.newest() > START)
        server.places.drain()
        error = call.exception()
        gate.set()
    assert error.code() is grpc.StatusCode.UNAVAILABLE


class Failing(MemoryLog):
    """A log whose disk refuses."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def append(self, changes):
        raise self.error


@pytest.mark.parametrize(
    ("error", "told", "code"),
    [
        (StorageFull("no room at /secret"), LogFull, grpc.StatusCode.RESOURCE_EXHAUSTED),
        (StorageError("I/O error at /secret"), LogUnavailable, grpc.StatusCode.UNAVAILABLE),
        (ChangesDamaged("malformed /secret"), LogUnavailable, grpc.StatusCode.UNAVAILABLE),
    ],
)
def test_a_disk_that_refuses_is_told_without_its_details(caplog, error, told, code):
    change = EventRecorded(event_id="e", customer_id="c", item_id="i", timestamp=1.0)
    with pytest.raises(told) as caught:
        append(Failing(error), [change])
    assert caught.value.status is code
    assert "secret" not in str(caught.value)
    assert "secret" in caplog.text


def test_a_full_disk_over_the_wire(tmp_path):
    with serving(FakePipeline(), replace(SETTINGS, log=tmp_path)) as (server, channel):
        stub = feedback_service_pb2_grpc.FeedbackServiceStub(channel)
        connection = server.changes._head.connection
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        found = refusal(stub.RecordEvents, request(*(event(f"full-{n}") for n in range(1_000))))
        assert (found.code, found.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "LOG_FULL")
        assert "RetryInfo" not in found.details
        connection.execute("PRAGMA max_page_count = 1000000")
        answer = stub.RecordEvents(request(*(event(f"full-{n}") for n in range(1_000))))
        assert set(answer.outcomes) == {RECORDED}
