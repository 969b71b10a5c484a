"""Every verb, over both clients: the same request goes out and the same answer comes back."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from shortlist.v1 import encode_pb2, model_service_pb2, policy_pb2, reply_pb2, score_pb2
from shortlist_client import (
    Client,
    Clock,
    Column,
    Diversity,
    DiversityMethod,
    Item,
    Placement,
    Profile,
    ScoreKind,
    ServerError,
    Source,
    aio,
)

CALLS = [
    ("recommend", ("c1",), {"k": 3, "explain": True}),
    ("recommend_batch", (["c1", Profile(features={"age": 40})],), {"k": 3}),
    ("similar_items", ("i1",), {"k": 3, "space": "embedding", "exclude_items": ["i2"]}),
    ("similar_customers", ("c1",), {"k": 3, "profile": Profile(features={"age": 40}), "as_of": 12.0}),
    ("score", ("c1",), {"items": ["i1", "i2"], "as_of": 12.0}),
    ("encode_customers", (["c1", "c2"],), {}),
    ("encode_items", (["i1", Item(attributes={"brand": "National"})],), {}),
    ("describe_model", ("food",), {"version": "stable"}),
]


@pytest.mark.parametrize(("verb", "positional", "named"), CALLS, ids=[verb for verb, *_ in CALLS])
def test_both_clients_agree(client, fake, verb, positional, named):
    async def ask():
        async with aio.Client(fake.address, timeout=30.0) as shortlist:
            return await getattr(shortlist, verb)(*positional, **named)

    if verb == "encode_items":
        fake.answer(ENCODED := encode_pb2.EncodeItemsResponse(vectors=[1, 2], embedding_size=1, known=[True, False]))
        fake.answer(ENCODED)

    assert getattr(client, verb)(*positional, **named) == asyncio.run(ask())
    assert fake.requests[0] == fake.requests[1]


def test_similar_customers(client, fake):
    found = client.similar_customers(profile=Profile(features={"age": 40}), k=2, as_of=12.0)

    request = fake.request
    assert (request.customer_id, request.k, request.as_of, request.require_known) == ("", 2, 12.0, False)
    assert request.profile.features["age"].integer == 40
    assert found.customer_ids == ("c2", "c3")
    assert [(one.rank, one.score) for one in found] == [(0, 0.5), (1, 0.25)]
    assert (found[1].customer_id, len(found)) == ("c3", 2)
    assert (found.as_of, found.clock, found.known_customer) == (12.0, Clock.REQUEST, False)
    assert [one.code for one in found.fallbacks] == ["cold_start:features"]


def test_a_score_says_what_it_rests_on(client, fake):
    fake.answer(score_pb2.ScoreResponse(calibration=score_pb2.Calibration(method="platt", window="tuning", error=0.0)))
    basis = client.score("c1", items=["i1"]).calibration
    assert (basis.method, basis.window, basis.error, basis.window_start) == ("platt", "tuning", 0.0, None)
    fake.answer(score_pb2.ScoreResponse())
    assert client.score("c1", items=["i1"]).calibration is None


def test_similar_items(client, fake):
    found = client.similar_items("i1", k=3, filter={"brand": "National"})

    assert (fake.request.item_id, fake.request.k) == ("i1", 3)
    assert fake.request.filter.equals.value.text == "National"
    assert [(item.item_id, item.score, item.rank) for item in found] == [("i2", 0.5, 0)]
    assert found.item_ids == ("i2",)
    assert found[0].item_id == "i2"
    assert found.space == "two_tower"


def test_score(client, fake):
    fake.answer(
        score_pb2.ScoreResponse(
            item_ids=["i1", "i2"],
            scores=[4.5, 1.0],
            kind=score_pb2.SCORE_KIND_RATING,
            as_of=12.0,
            clock=reply_pb2.CLOCK_REQUEST,
            known_customer=True,
        )
    )

    found = client.score("c1", items=["i1", "i2"], require_known=True)

    assert list(fake.request.item_ids) == ["i1", "i2"]
    assert fake.request.require_known
    assert [(item.item_id, item.score) for item in found] == [("i1", 4.5), ("i2", 1.0)]
    assert found[1].score == 1.0
    assert (found.kind, found.clock, found.as_of) == (ScoreKind.RATING, Clock.REQUEST, 12.0)


def test_encoded_vectors_come_row_by_row(client):
    vectors = client.encode_customers(["c1", "c2"])

    assert list(vectors) == [(1.0, 2.0), (3.0, 4.0)]
    assert vectors[1] == (3.0, 4.0)
    assert vectors.known == (True, False)


def test_vectors_that_do_not_fill_their_rows_are_a_defect_of_the_server(client, fake):
    fake.answer(encode_pb2.EncodeItemsResponse(vectors=[1, 2, 3], embedding_size=2, known=[True]))

    with pytest.raises(ServerError, match="3 numbers for 1 vectors of width 2"):
        client.encode_items(["i1"])


def test_describe_model(client, fake):
    fake.answer(
        model_service_pb2.DescribeModelResponse(
            bundle=reply_pb2.Bundle(model="food", version="v2", id="ff"),
            aliases=["stable"],
            log_end=0.0,
            clock=reply_pb2.CLOCK_LIVE,
            item_count=3,
            item_attributes=[model_service_pb2.Column(name="brand", kind="category")],
            metrics={"ndcg@10": 0.25},
            sources=["own_past"],
            needs_sources=["knowledge"],
            placements=[
                policy_pb2.Placement(
                    name="home",
                    diversity=policy_pb2.Diversity(
                        method="DIVERSITY_METHOD_DPP",
                        strength=0.25,
                        caps={"brand": 2},
                        quotas=[
                            policy_pb2.Quota(attribute="brand", value="Farm", at_least=1),
                            policy_pb2.Quota(attribute="brand", value="Mill", at_least=2),
                        ],
                        serendipity=0.5,
                        calibrate="kind",
                    ),
                    sources=[policy_pb2.SourceWeight(source="own_past", weight=2.0, quota=3)],
                ),
                policy_pb2.Placement(name="new", diversity={"method": 99}),
            ],
        )
    )

    described = client.describe_model("food", version="stable")

    assert (fake.request.model, fake.request.version) == ("food", "stable")
    assert described.bundle.version == "v2"
    assert described.items == 3
    assert described.log_end == 0.0
    assert described.score_kind is None
    assert described.item_attributes == (Column(name="brand", kind="category"),)
    assert described.metrics == {"ndcg@10": 0.25}
    assert (described.aliases, described.sources, described.needs_sources) == (
        ("stable",),
        ("own_past",),
        ("knowledge",),
    )
    home, new = described.placements
    assert home == Placement(
        name="home",
        diversity=Diversity(
            method=DiversityMethod.DPP,
            strength=0.25,
            caps={"brand": 2},
            quotas={"brand": {"Farm": 1, "Mill": 2}},
            serendipity=0.5,
            calibrate="kind",
        ),
        sources={"own_past": Source(weight=2.0, quota=3)},
    )
    # A method of a later release is the policy's own business.
    assert new == Placement(name="new", diversity=Diversity(method=DiversityMethod.POLICY))


def test_an_asyncio_client_serves_many_calls_at_once(fake):
    async def ask():
        async with aio.Client(fake.address, timeout=30.0) as shortlist:
            return await asyncio.gather(*(shortlist.recommend(f"c{number}") for number in range(20)))

    assert [found.item_ids for found in asyncio.run(ask())] == [("i1", "i2")] * 20
    assert len(fake.requests) == 20


def test_an_injected_channel_is_used_and_left_open(fake):
    with grpc.insecure_channel(fake.address) as channel:
        for _ in range(2):
            with Client(channel=channel, timeout=30.0) as shortlist:
                assert shortlist.recommend("c").item_ids == ("i1", "i2")


def test_an_injected_asyncio_channel_is_used_and_left_open(fake):
    async def ask():
        async with grpc.aio.insecure_channel(fake.address) as channel:
            for _ in range(2):
                async with aio.Client(channel=channel, timeout=30.0) as shortlist:
                    assert (await shortlist.recommend("c")).item_ids == ("i1", "i2")

    asyncio.run(ask())


def test_an_answer_that_is_no_message_is_a_defect_of_the_server():
    class Garbage(grpc.GenericRpcHandler):
        def service(self, details):
            if details.method.endswith("/Recommend"):
                return grpc.unary_unary_rpc_method_handler(lambda request, context: b"\xff")
            return None

    server = grpc.server(ThreadPoolExecutor(1), handlers=[Garbage()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with (
            Client(f"127.0.0.1:{port}", timeout=30.0) as shortlist,
            pytest.raises(ServerError, match=r"shortlist\.v1\.RecommendResponse"),
        ):
            shortlist.recommend("c")
    finally:
        server.stop(None).wait()
