"""Sessions over a real socket: their order, their limits, and what they cost others."""

import threading
from contextlib import ExitStack
from dataclasses import replace

import grpc
import pytest
from calls import SETTINGS, listening, refusal, serving, until
from fakes import LOG_END, SECRET, FakePipeline
from talk import talking
from valid_requests import equals, recommend

from shortlist.v1 import customer_pb2, policy_pb2, recommender_service_pb2_grpc, reply_pb2
from shortlist.v1 import recommend_pb2 as pb
from shortlist_server import serving as serving_module
from shortlist_server.limits import LIMITS
from shortlist_server.pipeline.request import RecommendRequest

INVALID = grpc.StatusCode.INVALID_ARGUMENT
ANN = pb.RecommendRequest(customer_id="ann")


@pytest.fixture
def brief(monkeypatch):
    """Lets the sessions of a test have less time than usual."""
    return lambda **seconds: monkeypatch.setattr(serving_module, "LIMITS", replace(LIMITS, **seconds))


@pytest.fixture
def talk(live):
    with talking(live) as one:
        yield one


def test_each_message_has_its_list_in_order(talk):
    talk.say(open=ANN).say(event="apple").say(event="bread")
    lists = [list(talk.hear().item_ids) for _ in range(3)]
    assert lists == [["apple", "bread", "cheese"], ["bread", "cheese"], ["cheese"]]
    talk.end()
    assert next(talk.call, None) is None
    assert talk.call.code() is grpc.StatusCode.OK


def test_quiet_messages_have_none(talk):
    talk.say(quiet=True, open=ANN).say(quiet=True, event="apple").say(event="bread").say(request=pb.RecommendRequest())
    assert [list(talk.hear().item_ids) for _ in range(2)] == [["cheese"], ["cheese"]]
    talk.end()
    assert next(talk.call, None) is None


def test_a_list_says_all_that_a_single_one_says(talk, recommender):
    alone = recommender.Recommend(recommend(), timeout=10.0)
    found = talk.say(open=recommend()).hear()
    assert found.impression_id != alone.impression_id
    assert found.bundle == reply_pb2.Bundle(model="default", version="v1", id="b" * 16)
    assert found.explanations
    assert found.timings
    found.impression_id = alone.impression_id
    assert found == alone


def test_a_request_has_settings_of_its_own(talk):
    talk.say(quiet=True, open=pb.RecommendRequest(customer_id="ann", k=1, explain=True, include_timings=True))
    own = talk.say(request=pb.RecommendRequest(k=2)).hear()
    assert (len(own.item_ids), len(own.explanations), len(own.timings), own.known_customer) == (2, 0, 0, True)
    again = talk.say(event="bread").hear()
    assert (len(again.item_ids), len(again.explanations), len(again.timings)) == (1, 1, 2)


def test_only_who_asks_for_it_is_offered_an_item_again(talk):
    talk.say(quiet=True, open=ANN)
    assert "apple" not in talk.say(event="apple").hear().item_ids
    include = pb.RecommendRequest(seen=policy_pb2.SEEN_INCLUDE)
    assert "apple" in talk.say(request=include).hear().item_ids
    assert "apple" not in talk.say(request=pb.RecommendRequest()).hear().item_ids


def test_a_session_that_was_opened_to_include_offers_everything(talk):
    talk.say(quiet=True, open=pb.RecommendRequest(seen=policy_pb2.SEEN_INCLUDE))
    assert "apple" in talk.say(event="apple").hear().item_ids


def test_the_pipeline_is_asked_as_if_it_were_a_single_request():
    pipeline = FakePipeline()
    with serving(pipeline) as (_, channel), talking(channel) as talk:
        profile = customer_pb2.Profile(history=customer_pb2.History(item_ids=["cheese"]))
        talk.say(quiet=True, open=pb.RecommendRequest(customer_id="ann", profile=profile, k=2))
        talk.say(event=pb.SessionEvent(item_id="apple", timestamp=5.0, value=2.0)).hear()
    (asked,) = pipeline.requests
    assert [(one.item_id, one.timestamp, one.value) for one in asked.profile.history] == [
        ("cheese", LOG_END, 1.0),
        ("apple", 5.0, 2.0),
    ]
    assert (asked.customer_id, asked.k, asked.as_of, tuple(asked.taken)) == ("ann", 2, None, ("apple",))


def test_a_stream_without_a_message_is_no_error(talk):
    talk.end()
    assert next(talk.call, None) is None
    assert talk.call.code() is grpc.StatusCode.OK


@pytest.mark.parametrize(
    ("messages", "field"),
    [
        ([{}], "message"),
        ([{"event": "apple"}], "event"),
        ([{"request": ANN}], "request"),
        ([{"open": ANN}, {"open": ANN}], "open"),
        ([{"open": ANN}, {"event": ""}], "event.item_id"),
        ([{"open": ANN}, {"event": pb.SessionEvent(item_id="a", value=-1.0)}], "event.value"),
        ([{"open": ANN}, {"event": "apple"}, {"request": ANN}], "request.customer_id"),
        ([{"open": ANN}, {"request": pb.RecommendRequest(k=0)}], "request.k"),
        ([{"open": ANN}, {"request": pb.RecommendRequest(filter=equals("colour", "x"))}], "request.filter"),
        ([{"open": ANN}, {"request": pb.RecommendRequest(), "quiet": True}], "quiet"),
        ([{"open": recommend(k=1_001)}], "open.k"),
        ([{"open": recommend(profile=customer_pb2.Profile(history={"item_ids": [""]}))}],
         "open.profile.history.item_ids[0]"),
        ([{"open": recommend(filter=equals("colour", "x"))}], "open.filter"),
        ([{"open": recommend(filter=equals("colour", "x")), "quiet": True}, {"event": "apple"}], "open.filter"),
    ],
)  # fmt: skip
def test_a_message_that_cannot_be_meant_ends_the_session(talk, messages, field):
    for message in messages:
        talk.say(**message)
    found = talk.refusal()
    assert (found.code, found.fields) == (INVALID, [field])
    assert found.text.startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("opening", "code", "reason"),
    [
        (recommend(model="no such model"), grpc.StatusCode.NOT_FOUND, "UNKNOWN_MODEL"),
        (recommend(placement="checkout"), grpc.StatusCode.NOT_FOUND, "UNKNOWN_PLACEMENT"),
        (recommend(customer_id="who", require_known=True), grpc.StatusCode.NOT_FOUND, "UNKNOWN_CUSTOMER"),
        (recommend(after_position="17"), grpc.StatusCode.UNIMPLEMENTED, "FEATURE_OFF"),
    ],
)
def test_a_session_fails_as_a_single_request_does(talk, opening, code, reason):
    found = talk.say(open=opening).refusal()
    assert (found.code, found.reason) == (code, reason)
    assert found.details["RequestInfo"].request_id == found.trailers["x-request-id"]


def test_a_defect_is_told_to_the_log_alone(talk, caplog):
    found = talk.say(open=pb.RecommendRequest(customer_id="defect")).refusal()
    assert found.code is grpc.StatusCode.INTERNAL
    assert SECRET not in repr(found)
    assert SECRET in caplog.text


def test_a_caller_who_leaves_frees_the_place():
    with serving(FakePipeline()) as (server, channel):
        with talking(channel) as talk:
            talk.say(open=ANN).hear()
            assert len(server.places) == 1
        until(lambda: not len(server.places))


def test_beyond_the_places_sessions_are_told_to_come_again():
    with serving(FakePipeline(), replace(SETTINGS, sessions=1)) as (_, channel), talking(channel) as first:
        first.say(open=ANN).hear()
        with talking(channel) as second:
            found = second.say(open=ANN).refusal()
        assert (found.code, found.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
        assert found.details["RetryInfo"].retry_delay.ToTimedelta().total_seconds() == 1.0
        assert first.say(event="apple").hear().item_ids


def test_sessions_can_be_switched_off():
    with serving(FakePipeline(), replace(SETTINGS, sessions=0)) as (_, channel), talking(channel) as talk:
        found = talk.say(open=ANN).refusal()
    assert (found.code, found.reason) == (grpc.StatusCode.UNIMPLEMENTED, "FEATURE_OFF")
    assert "--sessions" in found.text


def test_idle_sessions_take_nothing_from_other_calls():
    """Every place holds a silent session, and as many single requests as ever are worked on or wait."""
    pipeline = FakePipeline()
    settings = replace(SETTINGS, sessions=120, threads=1, waiting=11)
    with listening(pipeline, settings) as (server, address), ExitStack() as stack:
        # gRPC bounds the calls of one connection.
        for_sessions, for_requests = (stack.enter_context(connected(address)) for _ in range(2))
        for _ in range(120):
            stack.enter_context(talking(for_sessions)).say(open=ANN).hear()
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(for_requests)
        with pipeline.held():
            calls = [stub.Recommend.future(recommend(), timeout=60.0) for _ in range(12)]
            until(lambda: server.admission.queued == 11 or any(call.done() for call in calls))
        assert all(call.result().item_ids for call in calls)


def connected(address):
    """Return a channel with a connection of its own."""
    return grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)])


def test_a_silent_session_ends(brief):
    brief(session_idle=0.6)
    with serving(FakePipeline()) as (server, channel), talking(channel) as talk:
        talk.say(open=ANN).hear()
        found = talk.refusal()
        assert (found.code, found.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "SESSION_OVER")
        assert 0.0 < found.details["RetryInfo"].retry_delay.ToTimedelta().total_seconds() <= 1.0
        assert found.details["RequestInfo"].request_id == found.trailers["x-request-id"]
        until(lambda: not len(server.places))
        # Its thread is free again, and so is its place.
        until(lambda: server._pool._idle_semaphore._value == len(server._pool._threads))


def test_a_caller_who_never_opens_frees_the_place(brief):
    brief(session_opening=0.3)
    with serving(FakePipeline(), replace(SETTINGS, sessions=1)) as (_, channel):
        # The second one would find no place if the first still had it.
        for _ in range(2):
            with talking(channel) as talk:
                assert talk.refusal().reason == "SESSION_OVER"


def test_a_caller_who_does_not_read_is_cut_off(brief):
    """Lists of a megabyte, of which nobody reads more than gRPC itself takes in."""
    brief(session_idle=0.6)
    pipeline = FakePipeline()
    (short,) = pipeline.recommend([RecommendRequest()])
    made = []
    long = replace(short, unknown_attributes=["x" * 1_000] * 1_000)
    pipeline.recommend = lambda requests: made.append(1) or [long]
    with serving(pipeline) as (server, channel), talking(channel) as talk:
        talk.say(open=ANN)
        for _ in range(50):
            talk.say(event="apple")
        until(lambda: len(server.places))
        until(lambda: not len(server.places))
        assert 0 < len(made) < 51
        assert talk.refusal().code is grpc.StatusCode.CANCELLED


def test_messages_are_admitted_like_requests():
    """A queue that is full ends the session; streams that are open count for nothing."""
    pipeline = FakePipeline()
    with serving(pipeline, replace(SETTINGS, threads=1, waiting=0)) as (server, channel):
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        with talking(channel) as talk, talking(channel) as other:
            talk.say(open=ANN).hear()
            other.say(open=ANN).hear()
            assert server.admission.running == 0
            with pipeline.held():
                single = stub.Recommend.future(recommend(), timeout=60.0)
                until(lambda: pipeline.running == 1)
                # What wants no list costs no place in the queue.
                other.say(quiet=True, event="bread")
                found = talk.say(event="apple").refusal()
            assert (found.code, found.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
            assert found.details["RetryInfo"]
            assert single.result().item_ids
            until(lambda: server.admission.running == 0)
            assert "bread" not in other.say(event="apple").hear().item_ids


def test_messages_of_sessions_and_single_requests_are_computed_together():
    pipeline = FakePipeline()
    batches = []
    recommend_many = pipeline.recommend
    pipeline.recommend = lambda requests: batches.append(len(requests)) or recommend_many(requests)
    with serving(pipeline) as (server, channel), talking(channel) as first, talking(channel) as second:
        for talk in (first, second):
            talk.say(quiet=True, open=ANN)
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        with pipeline.held():
            calls = [stub.Recommend.future(recommend(), timeout=60.0)]
            until(lambda: pipeline.running == 1)
            calls.append(stub.Recommend.future(recommend(), timeout=60.0))
            first.say(event="apple")
            second.say(event="bread")
            until(lambda: server.admission.running == 4)
            # All four are admitted; the three that came while the engine was busy are about to wait for their turn.
            until(lambda: len(server.gathering._waiting) == 3)
        assert list(first.hear().item_ids) == ["bread", "cheese"]
        assert list(second.hear().item_ids) == ["apple", "cheese"]
        assert all(call.result().item_ids for call in calls)
    assert batches == [1, 3]


def test_the_deadline_of_the_stream_bounds_its_messages():
    pipeline = FakePipeline()
    with serving(pipeline) as (server, channel), talking(channel, timeout=0.5) as talk:
        talk.say(open=ANN).hear()
        with pipeline.held():
            assert talk.say(event="apple").refusal().code is grpc.StatusCode.DEADLINE_EXCEEDED
        until(lambda: not len(server.places))


def test_the_bundle_is_that_of_the_message():
    with serving(FakePipeline()) as (server, channel), talking(channel) as talk:
        assert talk.say(open=ANN).hear().bundle.version == "v1"
        newer = FakePipeline()
        newer.version = "v2"
        server.put(newer)
        assert talk.say(event="apple").hear().bundle.version == "v2"


def test_a_starting_server_has_no_sessions_yet():
    with serving(None) as (_, channel), talking(channel) as talk:
        assert talk.say(open=ANN).refusal().reason == "NOT_READY"


def test_a_stopping_server_ends_what_waits_and_answers_what_is_in_hand():
    pipeline = FakePipeline()
    settings = replace(SETTINGS, grace=60.0)
    with serving(pipeline, settings) as (server, channel), talking(channel) as waits, talking(channel) as works:
        waits.say(open=ANN).hear()
        works.say(quiet=True, open=ANN)
        with pipeline.held():
            works.say(event="apple")
            until(lambda: pipeline.running == 1)
            stopping = threading.Thread(target=server.drain)
            stopping.start()
            found = waits.refusal()
            assert (found.code, found.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
        assert list(works.hear().item_ids) == ["bread", "cheese"]
        assert works.refusal().reason == "DRAINING"
        # Nobody waited for the grace to pass.
        stopping.join(30.0)
        assert not stopping.is_alive()


def test_sessions_that_are_cut_off_leave_no_trace_in_the_log(caplog):
    with serving(FakePipeline()) as (server, channel):
        for _ in range(20):
            with talking(channel) as talk:
                talk.say(open=ANN).say(event="apple").hear()
        until(lambda: not len(server.places))
        recommender = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        assert refusal(recommender.Recommend, recommend(k=0)).code is INVALID
    assert not caplog.records
