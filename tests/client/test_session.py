"""Sessions of both clients: what goes out, what comes back, and how a session outlives its streams."""

import asyncio
import time
from datetime import UTC, datetime

import grpc
import pytest
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2

from shortlist.v1 import policy_pb2, recommend_pb2
from shortlist_client import (
    BadRequest,
    Client,
    DeadlineExceeded,
    Event,
    Overloaded,
    Profile,
    Retry,
    Seen,
    ServerError,
    Unavailable,
    UsageError,
    aio,
)

RESOURCE_EXHAUSTED, UNAVAILABLE = grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE
SESSION_OVER = error_details_pb2.ErrorInfo(reason="SESSION_OVER")
SOON = error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(nanos=1_000_000))
QUICK = Retry(initial_backoff=0.01, max_backoff=0.02)


class Awaited:
    """A session of asyncio, spoken to as if it were of the other client."""

    def __init__(self, address, *arguments, retry, **options):
        self._client = aio.Client(address, timeout=30.0, retry=retry)
        self._session = self._client.session(*arguments, **options)
        self._loop = asyncio.new_event_loop()

    def __getattr__(self, verb):
        return lambda *given, **named: self._loop.run_until_complete(getattr(self._session, verb)(*given, **named))

    def end(self):
        self._loop.run_until_complete(self._session.close())
        self._loop.run_until_complete(self._client.close())
        self._loop.close()


@pytest.fixture(params=["sync", "asyncio"])
def opened(request, fake):
    """Opens sessions of either client that end with the test."""
    closing = []

    def opening(*arguments, retry=QUICK, **options):
        if request.param == "asyncio":
            session = Awaited(fake.address, *arguments, retry=retry, **options)
            closing.append(session.end)
            return session
        client = Client(fake.address, timeout=30.0, retry=retry)
        session = client.session(*arguments, **options)
        closing.extend([client.close, session.close])
        return session

    yield opening
    for close in reversed(closing):
        close()


def kinds(fake):
    return [(request.WhichOneof("message"), request.quiet) for request in fake.requests]


def items(fake):
    return [request.event.item_id for request in fake.requests if request.HasField("event")]


def test_a_session_says_what_happens(opened, fake):
    session = opened("c1", profile=Profile(history=["i9"]), k=3, model="food", placement="home", explain=True)
    assert session.event("i1").item_ids == ("i1", "i2")
    opening, event = fake.requests
    assert opening.quiet
    assert (opening.open.customer_id, opening.open.k, opening.open.explain) == ("c1", 3, True)
    assert (opening.open.model, opening.open.placement) == ("food", "home")
    assert list(opening.open.profile.history.item_ids) == ["i9"]
    assert event == recommend_pb2.StreamRecommendRequest(event=recommend_pb2.SessionEvent(item_id="i1"))


def test_an_event_says_all_it_knows(opened, fake):
    moment = datetime(2017, 6, 1, tzinfo=UTC)
    opened("c1").event(Event(item_id="i1", timestamp=moment, value=2.0, rating=4.5, event="view"))
    assert fake.request.event == recommend_pb2.SessionEvent(
        item_id="i1", timestamp=moment.timestamp(), value=2.0, rating=4.5, event="view"
    )


def test_one_stream_carries_the_session(opened, fake):
    session = opened("c1")
    session.recommend()
    session.quiet_event("i1")
    session.event("i2")
    assert kinds(fake) == [("open", True), ("request", False), ("event", True), ("event", False)]
    assert fake.streams == 1


def test_a_list_of_its_own_keeps_the_settings_that_are_not_given(opened, fake):
    session = opened(
        "c1", profile=Profile(history=["i9"]), k=3, as_of=12.0, model="food", placement="home", explain=True,
        filter={"brand": "x"}, exclude_items=(one for one in ["i7"]), context={"device": "phone"},
    )  # fmt: skip
    session.recommend()
    own = fake.request.request
    assert (own.k, own.explain, own.filter.equals.value.text) == (3, True, "x")
    assert (list(own.exclude_item_ids), own.context["device"].text, own.placement) == (["i7"], "phone", "home")
    assert (own.customer_id, own.model, own.HasField("profile"), own.HasField("as_of")) == ("", "", False, False)
    session.recommend(
        k=5, as_of=13.0, filter={}, exclude_items=(), context={"hour": 7}, seen=Seen.INCLUDE, explain=False,
        sources={"popular": 1.0}, placement="cart",
    )  # fmt: skip
    own = fake.request.request
    assert (own.k, own.as_of, own.explain, own.seen) == (5, 13.0, False, policy_pb2.SEEN_INCLUDE)
    assert (own.HasField("filter"), list(own.exclude_item_ids), list(own.context)) == (False, [], ["hour"])
    assert ([one.source for one in own.sources], own.placement) == (["popular"], "cart")


def test_what_cannot_be_sent_is_told_at_once(opened, fake):
    with pytest.raises(BadRequest, match="k"):
        opened("c1", k=-1)
    session = opened("c1")
    with pytest.raises(BadRequest, match="exclude_items"):
        session.recommend(exclude_items="i1")
    with pytest.raises(BadRequest, match="time zone"):
        session.event(Event(item_id="i1", timestamp=datetime(2017, 6, 1)))
    with pytest.raises(BadRequest):
        session.quiet_event("\ud800")
    assert not fake.requests


def test_a_closed_session_says_nothing(opened, fake):
    session = opened("c1")
    session.event("i1")
    session.close()
    session.close()
    for say in (session.recommend, lambda: session.event("i1"), lambda: session.quiet_event("i1")):
        with pytest.raises(UsageError, match="closed"):
            say()


@pytest.mark.parametrize("code", [UNAVAILABLE, grpc.StatusCode.CANCELLED])
def test_when_the_server_stops_the_session_goes_on(opened, fake, code):
    session = opened("c1")
    session.event("i1")
    session.quiet_event("i2")
    fake.refuse(code, "stopping")
    assert session.event("i3").item_ids == ("i1", "i2")
    assert fake.streams == 2
    # What happened is said again quietly, each at its moment, before what is new.
    assert kinds(fake)[-4:] == [("open", True), ("event", True), ("event", True), ("event", False)]
    assert items(fake)[-3:] == ["i1", "i2", "i3"]
    said_again = fake.requests[-3].event
    assert abs(said_again.timestamp - time.time()) < 60
    assert not fake.requests[-1].event.HasField("timestamp")


def test_where_the_caller_keeps_the_time_it_is_kept(opened, fake):
    session = opened("c1", as_of=12.0)
    session.event("i1")
    session.event(Event(item_id="i2", timestamp=20.0))
    fake.refuse(UNAVAILABLE)
    session.event("i3")
    again = [request.event for request in fake.requests[-3:]]
    assert [(one.HasField("timestamp"), one.timestamp) for one in again] == [(False, 0.0), (True, 20.0), (False, 0.0)]


def test_a_session_that_was_idle_for_too_long_goes_on(opened, fake):
    session = opened("c1")
    session.event("i1")
    fake.refuse(RESOURCE_EXHAUSTED, "idle", SESSION_OVER, SOON)
    assert session.recommend().item_ids == ("i1", "i2")
    assert (fake.streams, items(fake)) == (2, ["i1", "i1"])


def test_a_stream_that_the_server_just_ends_is_opened_anew(opened, fake, end):
    session = opened("c1")
    session.event("i1")
    fake.answer(end)
    assert session.event("i2").item_ids == ("i1", "i2")
    assert fake.streams == 2


def test_an_overloaded_server_is_asked_once_more_when_it_says_when(opened, fake):
    session = opened("c1")
    fake.refuse(RESOURCE_EXHAUSTED, "busy", SOON)
    assert session.event("i1").item_ids == ("i1", "i2")
    for _ in range(2):
        fake.refuse(RESOURCE_EXHAUSTED, "busy", SOON)
    with pytest.raises(Overloaded):
        session.event("i2")
    # It happened all the same.
    session.event("i3")
    assert items(fake)[-3:] == ["i1", "i2", "i3"]


def test_an_overloaded_server_that_does_not_say_when_is_left_alone(opened, fake):
    fake.refuse(RESOURCE_EXHAUSTED, "busy")
    with pytest.raises(Overloaded):
        opened("c1").event("i1")
    assert fake.streams == 1


def test_without_retries_the_end_of_a_stream_is_told(opened, fake):
    session = opened("c1", retry=Retry(attempts=1))
    session.event("i1")
    fake.refuse(UNAVAILABLE, "stopping")
    with pytest.raises(Unavailable, match="stopping"):
        session.event("i2")
    session.event("i3")
    assert items(fake)[-3:] == ["i1", "i2", "i3"]


def test_what_was_refused_is_not_said_again(opened, fake):
    session = opened("c1")
    session.event("i1")
    session.quiet_event("bad")
    bad = error_details_pb2.BadRequest.FieldViolation(field="event.item_id", description="is empty")
    fake.refuse(grpc.StatusCode.INVALID_ARGUMENT, "bad", error_details_pb2.BadRequest(field_violations=[bad]))
    with pytest.raises(BadRequest) as caught:
        session.event("i2")
    assert caught.value.violations == {"event.item_id": "is empty"}
    fake.requests.clear()
    session.event("i3")
    assert items(fake) == ["i1", "i3"]


def test_an_answer_that_is_late_is_nobodys(opened, fake):
    session = opened("c1")
    session.event("i1")
    fake.free.clear()
    fake.answer(recommend_pb2.RecommendResponse(item_ids=["late"], scores=[1.0]))
    with pytest.raises(DeadlineExceeded, match="within"):
        session.event("i2", timeout=0.2)
    fake.free.set()
    assert session.event("i3").item_ids == ("i1", "i2")
    assert items(fake)[-3:] == ["i1", "i2", "i3"]


def test_an_answer_that_is_no_list_is_a_defect_of_the_server(opened, fake):
    session = opened("c1")
    fake.answer(recommend_pb2.RecommendResponse(item_ids=["i1"], scores=[1.0, 2.0]))
    with pytest.raises(ServerError, match="parallel"):
        session.event("i1")


def test_only_the_newest_events_are_said_again(opened, fake):
    session = opened("c1", as_of=1.0)
    for number in range(1_005):
        session.quiet_event(f"i{number}")
    session.recommend()
    assert items(fake) == [f"i{number}" for number in range(5, 1_005)]


def test_a_session_of_a_closed_client_says_nothing(fake):
    with Client(fake.address, timeout=30.0) as client:
        session = client.session("c1")
    with pytest.raises(UsageError, match="client is closed"):
        session.event("i1")


def test_a_cancelled_wait_leaves_no_answer_behind(fake):
    async def talk():
        async with aio.Client(fake.address, timeout=30.0) as client, client.session("c1") as session:
            await session.event("i1")
            fake.free.clear()
            fake.answer(recommend_pb2.RecommendResponse(item_ids=["late"], scores=[1.0]))
            waits = asyncio.create_task(session.event("i2"))
            while len(fake.requests) < 3:
                await asyncio.sleep(0.01)
            waits.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waits
            fake.free.set()
            return await session.event("i3")

    assert asyncio.run(talk()).item_ids == ("i1", "i2")
