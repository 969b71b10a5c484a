"""Recording events: what is sent, what comes back, what the program takes."""

import asyncio
from datetime import UTC, datetime

import pytest
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

from shortlist.v1 import feedback_service_pb2 as pb
from shortlist.v1 import reply_pb2
from shortlist_client import BadRequest, EventOutcome, FeedbackEvent, UsageError, aio
from shortlist_client.commands.events_file import events_of
from shortlist_client.options import CallOptions
from shortlist_client.translation.feedback import PORTION, PORTIONS, run_messages


def event(**changes):
    return FeedbackEvent(**{"customer_id": "anna", "item_id": "milk", **changes})


def refused(row):
    detail = any_pb2.Any()
    detail.Pack(
        error_details_pb2.BadRequest(
            field_violations=[error_details_pb2.BadRequest.FieldViolation(field="item_id", description="is empty")]
        )
    )
    status = status_pb2.Status(code=code_pb2.INVALID_ARGUMENT, message="item_id: is empty", details=[detail])
    return reply_pb2.RowError(row=row, status=status)


def test_every_field_is_sent(client, fake):
    client.record(
        event(
            event_id="e1", event="purchase", timestamp=datetime(2020, 1, 1, tzinfo=UTC), value=2.0, rating=4.0,
            order_id="o1", context={"device": "phone"}, impression_id="i1", rank=0,
        ),
        placement="home",
    )  # fmt: skip
    sent = fake.request
    (one,) = sent.events
    assert sent.placement == "home"
    assert (one.event_id, one.customer_id, one.item_id, one.event) == ("e1", "anna", "milk", "purchase")
    assert (one.timestamp, one.value, one.rating, one.order_id) == (1_577_836_800.0, 2.0, 4.0, "o1")
    assert (one.context["device"].text, one.impression_id, one.rank) == ("phone", "i1", 0)
    assert one.HasField("rank")


def test_what_is_not_said_is_not_sent(client, fake):
    client.record([event()])
    (one,) = fake.request.events
    assert {field.name for field, _ in one.ListFields()} == {"event_id", "customer_id", "item_id"}


def test_every_event_has_an_id_of_its_own_that_stays():
    first, second = event(), event()
    assert first.event_id != second.event_id
    assert 1 <= len(first.event_id) <= 64


def test_outcomes_and_errors_come_row_by_row(client, fake):
    fake.answer(pb.RecordEventsResponse(outcomes=[1, 3, 2], errors=[refused(1)], position="7"))
    found = client.record([event(), event(), event()])
    assert found.outcomes == (EventOutcome.RECORDED, EventOutcome.REJECTED, EventOutcome.DUPLICATE)
    assert isinstance(found.errors[1], BadRequest)
    assert found.errors[1].violations == {"item_id": "is empty"}
    assert found.position == "7"


def test_an_event_that_cannot_be_sent_is_named(client):
    with pytest.raises(BadRequest, match=r"events\[1\]"):
        client.record([event(), "milk"])
    with pytest.raises(BadRequest, match="time zone"):
        client.record(event(timestamp=datetime(2020, 1, 1)))
    with pytest.raises(BadRequest):
        client.record(event(rank=-1))
    with pytest.raises(BadRequest):
        client.record_run([event(rank=-1)])


def test_a_long_run_is_cut_into_streams_of_messages():
    options = CallOptions(placement="home")
    events = (event(event_id=str(n)) for n in range(PORTION * PORTIONS + 3))
    runs = list(run_messages(events, options))
    assert [count for _, count in runs] == [PORTION * PORTIONS, 3]
    assert [len(messages) for messages, _ in runs] == [PORTIONS, 1]
    last = pb.RecordEventStreamRequest.FromString(runs[1][0][0])
    assert [one.event_id for one in last.events] == [str(PORTION * PORTIONS + n) for n in range(3)]
    assert last.placement == "home"


def check_run(run):
    assert (run.recorded, run.duplicates, run.rejected) == (10_003, 2, 2)
    assert sorted(run.errors) == [4, 10_001]
    assert run.position == "9"


def answer_a_run(fake):
    fake.answer(
        pb.RecordEventStreamResponse(recorded_count=10_000, rejected_count=1, errors=[refused(4)], position="8")
    )
    fake.answer(
        pb.RecordEventStreamResponse(
            recorded_count=3, duplicate_count=2, rejected_count=1, errors=[refused(1)], position="9"
        )
    )


def test_a_run_is_summed_up(client, fake):
    answer_a_run(fake)
    check_run(client.record_run(event() for _ in range(10_005)))


def test_a_run_in_asyncio(fake):
    answer_a_run(fake)

    async def run():
        async with aio.Client(fake.address, timeout=30.0) as client:
            return await client.record_run(event() for _ in range(10_005))

    check_run(asyncio.run(run()))


def test_events_of_a_csv_file(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(
        "customer_id,item_id,timestamp,value,rating,event,rank,hour,device\n"
        "anna,7,2020-01-01,2,,purchase,0,7,phone\n"
        "bob,8,12.5,,4.5,,,,\n"
    )
    first, second = events_of(path)
    assert (first.customer_id, first.item_id, first.timestamp, first.value) == ("anna", "7", 1_577_836_800.0, 2.0)
    assert (first.event, first.rank, first.context) == ("purchase", 0, {"hour": 7, "device": "phone"})
    assert (second.timestamp, second.value, second.rating, second.rank, second.context) == (12.5, 1.0, 4.5, None, {})
    assert [one.event_id for one in events_of(path)] == [first.event_id, second.event_id]
    assert first.event_id != second.event_id
    assert len(first.event_id) <= 64


def test_the_same_rows_in_another_file_are_other_events(tmp_path):
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("customer_id,item_id\nanna,milk\n")
    other.write_text("customer_id,item_id\nanna,milk\nbob,milk\n")
    assert next(events_of(one)).event_id != next(events_of(other)).event_id


def test_events_of_a_parquet_file(tmp_path):
    polars = pytest.importorskip("polars")
    path = tmp_path / "events.parquet"
    polars.DataFrame(
        {
            "customer_id": [1, 2],
            "item_id": ["a", "b"],
            "timestamp": [datetime(2020, 1, 1, tzinfo=UTC), None],
            "event_id": ["x", "y"],
        }
    ).write_parquet(path)
    first, second = events_of(path)
    assert (first.customer_id, first.event_id) == ("1", "x")
    assert first.timestamp == datetime(2020, 1, 1, tzinfo=UTC)
    assert second.timestamp is None


@pytest.mark.parametrize(
    "text", ["customer_id,item_id\nanna,\n", "customer_id,item_id,value\nanna,milk,much\n", "customer\nanna\n"]
)
def test_a_row_that_cannot_be_meant_is_named(tmp_path, text):
    path = tmp_path / "events.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"events.csv, row 1"):
        list(events_of(path))
