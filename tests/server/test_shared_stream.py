"""Calls that share a stream: each is answered as a call of its own, alone or together, and fails alone."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import grpc
import pytest
from calls import SETTINGS, listening, refusal, unpack, until
from fakes import FakePipeline
from talk import Talk, talking
from valid_requests import recommend

from shortlist.v1 import recommend_pb2 as pb
from shortlist_client import BadRequest, Client, DeadlineExceeded, NotFound, Overloaded, aio

ANN = pb.RecommendRequest(customer_id="ann")
LONGEST = 30.0


def calls(*requests, **options):
    return pb.StreamedCalls(
        calls=[pb.StreamedCall(id=number, request=one, **options) for number, one in enumerate(requests, 1)]
    )


def answers(talk, count):
    found = {}
    while len(found) < count:
        found |= {answer.id: answer for answer in next(talk.call).answers}
    return found


@pytest.fixture
def talk(live):
    with talking(live) as one:
        yield one


def test_each_call_is_answered_as_if_it_were_alone(talk, recommender):
    alone = recommender.Recommend(recommend(), timeout=10.0)
    talk.say(calls=calls(recommend(), ANN))
    found = answers(talk, 2)
    mine = found[1].list
    assert mine.impression_id not in (alone.impression_id, found[2].list.impression_id)
    mine.impression_id = alone.impression_id
    assert mine == alone
    talk.say(calls=calls(ANN))
    assert answers(talk, 1)[1].list.item_ids == found[2].list.item_ids


BAD = {
    "k": pb.RecommendRequest(k=1_000_000),
    "model": pb.RecommendRequest(model="other"),
    "placement": pb.RecommendRequest(placement="nowhere"),
    "customer": pb.RecommendRequest(customer_id="nobody", require_known=True),
}


@pytest.mark.parametrize("name", BAD)
def test_a_call_that_is_refused_bears_the_status_of_a_call_of_its_own(talk, recommender, name):
    alone = refusal(recommender.Recommend, BAD[name])
    talk.say(calls=calls(BAD[name], ANN))
    found = answers(talk, 2)
    assert found[2].list.item_ids
    status = found[1].status
    assert (status.code, status.message) == (alone.code.value[0], alone.text)
    own, told = unpack(status), dict(alone.details)
    assert own.pop("RequestInfo").request_id
    told.pop("RequestInfo")
    assert own == told


def test_a_call_without_time_left_is_not_computed(talk):
    talk.say(calls=calls(ANN, timeout=0.0))
    assert answers(talk, 1)[1].status.code == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
    talk.say(calls=calls(ANN, timeout=float("nan")))
    assert answers(talk, 1)[1].status.code == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]


@pytest.mark.parametrize(
    "message",
    [
        {"calls": pb.StreamedCalls()},
        {"calls": calls(*[ANN] * 65)},
        {"calls": pb.StreamedCalls(calls=[pb.StreamedCall(id=1, request=ANN), pb.StreamedCall(id=1, request=ANN)])},
    ],
    ids=["none", "too many", "one number twice"],
)
def test_a_message_that_cannot_be_meant_ends_the_stream(talk, message):
    talk.say(**message)
    assert talk.refusal().code is grpc.StatusCode.INVALID_ARGUMENT


def test_calls_and_sessions_do_not_mix(live):
    for first, second in (({"calls": calls(ANN)}, {"open": ANN}), ({"open": ANN}, {"calls": calls(ANN)})):
        with talking(live) as talk:
            talk.say(**first)
            next(talk.call)
            talk.say(**second)
            assert talk.refusal().code is grpc.StatusCode.INVALID_ARGUMENT


def test_what_waits_in_a_stream_and_beside_it_is_computed_together():
    pipeline, sizes = FakePipeline(), []
    compute = pipeline.recommend
    pipeline.recommend = lambda requests: sizes.append(len(requests)) or compute(requests)
    with listening(pipeline, replace(SETTINGS, threads=16)) as (_, address), grpc.insecure_channel(address) as channel:
        one, other = Talk(channel), Talk(channel)
        with pipeline.held():
            one.say(calls=calls(ANN))
            until(lambda: pipeline.running)
            other.say(calls=calls(ANN, ANN, ANN))
            third = Talk(channel)
            third.say(calls=calls(ANN, ANN))
            until(lambda: len(_server_gathering(_)._waiting) == 2)
        for talk, count in ((one, 1), (other, 3), (third, 2)):
            assert len(answers(talk, count)) == count
            talk.end()
    assert sizes == [1, 5]


def _server_gathering(server):
    return server.gathering


def test_a_defect_fails_one_call_and_tells_nothing():
    class Broken(FakePipeline):
        def recommend(self, requests):
            if any(request.customer_id == "bob" for request in requests):
                raise ZeroDivisionError("a secret of the server")
            return super().recommend(requests)

    with listening(Broken()) as (_, address), grpc.insecure_channel(address) as channel, talking(channel) as talk:
        talk.say(calls=calls(ANN, pb.RecommendRequest(customer_id="bob"), ANN))
        found = answers(talk, 3)
    assert found[1].list.item_ids
    assert found[3].list.item_ids
    assert found[2].status.code == grpc.StatusCode.INTERNAL.value[0]
    assert "secret" not in str(found[2].status)


@pytest.fixture
def server():
    pipeline = FakePipeline()
    with listening(pipeline) as (server, address):
        yield server, pipeline, address


def test_the_client_gives_the_same_either_way(server):
    _, _, address = server
    with Client(address, timeout=LONGEST) as plain, Client(address, timeout=LONGEST, multiplex=True) as shared:
        for wanted in ({"k": 2}, {"explain": True}, {"exclude_items": ["apple"]}):
            one, other = plain.recommend("ann", **wanted), shared.recommend("ann", **wanted)
            assert replace(other, impression_id=one.impression_id) == one
        with pytest.raises(NotFound, match="nobody") as problem:
            shared.recommend("nobody", require_known=True)
        assert problem.value.resource_name == "nobody"
        with pytest.raises(BadRequest):
            shared.recommend("ann" * 100)


def test_many_threads_share_one_stream(server):
    live, _, address = server
    with Client(address, timeout=LONGEST, multiplex=True) as client, ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: client.recommend("ann" if n % 2 else "bob", k=1 + n % 3), range(300)))
        assert len(live.places) == 1
    assert [len(one.item_ids) for one in found] == [1 + n % 3 for n in range(300)]
    assert len({one.impression_id for one in found}) == 300


def test_a_caller_waits_no_longer_than_it_wants_to_and_takes_nobody_along(server):
    _, pipeline, address = server
    with Client(address, timeout=LONGEST, multiplex=True) as client, ThreadPoolExecutor(1) as pool:
        client.recommend("ann")
        with pipeline.held():
            patient = pool.submit(client.recommend, "bob")
            until(lambda: pipeline.running)
            with pytest.raises(DeadlineExceeded):
                client.recommend("ann", timeout=0.05)
        assert patient.result(LONGEST).item_ids
        assert client.recommend("ann").item_ids


def test_where_sessions_are_off_calls_are_made_in_the_plain_way():
    with (
        listening(FakePipeline(), replace(SETTINGS, sessions=0)) as (_, address),
        Client(address, timeout=LONGEST, multiplex=True) as client,
    ):
        assert [client.recommend("ann").item_ids for _ in range(3)] == [("apple", "bread", "cheese")] * 3


def test_overload_is_told_as_it_is_without_streams():
    pipeline = FakePipeline()
    with (
        listening(pipeline, replace(SETTINGS, threads=1, waiting=0)) as (_, address),
        Client(address, timeout=LONGEST, multiplex=True) as client,
        Client(address, timeout=LONGEST) as plain,
        ThreadPoolExecutor(1) as pool,
    ):
        client.recommend("ann")
        with pipeline.held():
            busy = pool.submit(plain.recommend, "bob")
            until(lambda: pipeline.running)
            with pytest.raises(Overloaded) as problem:
                client.recommend("ann", timeout=0.2)
            assert problem.value.retry_after
        assert busy.result(LONGEST).item_ids


def test_tasks_share_a_stream_too(server):
    live, pipeline, address = server

    async def ask():
        async with aio.Client(address, timeout=LONGEST, multiplex=True) as client:
            found = await asyncio.gather(*(client.recommend("ann", k=1 + n % 3) for n in range(100)))
            assert len(live.places) == 1
            with pytest.raises(NotFound):
                await client.recommend("nobody", require_known=True)
            with pipeline.held():
                slow = asyncio.create_task(client.recommend("bob"))
                while not pipeline.running:
                    await asyncio.sleep(0.005)
                with pytest.raises(DeadlineExceeded):
                    await client.recommend("ann", timeout=0.05)
            assert (await slow).item_ids
            return found

    assert [len(one.item_ids) for one in asyncio.run(ask())] == [1 + n % 3 for n in range(100)]


def test_tasks_go_on_when_their_server_stops():
    stops, stays = FakePipeline(), FakePipeline()

    async def ask(first, second, server):
        async with aio.Client([first, second], timeout=LONGEST, multiplex=True) as client:
            await asyncio.gather(*(client.recommend("ann") for _ in range(20)))
            stopping = threading.Thread(target=server.drain)
            stopping.start()
            found = [(await client.recommend("ann")).item_ids for _ in range(50)]
            stopping.join()
            return found

    with listening(stops) as (server, first), listening(stays) as (_, second):
        assert asyncio.run(ask(first, second, server)) == [("apple", "bread", "cheese")] * 50
