from datetime import UTC, datetime

import grpc
import pytest
from google.rpc import error_details_pb2

from shortlist.v1 import policy_pb2, recommend_pb2, reply_pb2
from shortlist_client import (
    BadRequest,
    Bundle,
    Client,
    Clock,
    Customer,
    Diversity,
    DiversityMethod,
    Event,
    Exploration,
    Fallback,
    HistoryShare,
    NotFound,
    Profile,
    Reasons,
    Recommendation,
    RuleMove,
    Seen,
    ServerError,
    Source,
    SourceRank,
    Taken,
    UsageError,
)


def test_a_known_customer_needs_nothing_but_the_id(client, fake):
    found = client.recommend("customer-42", k=2)

    assert fake.request == recommend_pb2.RecommendRequest(customer_id="customer-42", k=2, seen=policy_pb2.SEEN_POLICY)
    assert [item.item_id for item in found] == ["i1", "i2"]
    assert found.bundle == Bundle(model="default", version="v1", id="abc")


def test_a_new_customer_brings_features_and_history(client, fake):
    client.recommend(profile=Profile(features={"age": "35-44"}, history=["i1", "i2"]), k=10)

    assert fake.request.customer_id == ""
    assert fake.request.profile.features["age"].text == "35-44"
    assert list(fake.request.profile.history.item_ids) == ["i1", "i2"]


def test_every_setting_reaches_the_server(client, fake):
    client.recommend(
        "c",
        as_of=datetime(2017, 6, 1, tzinfo=UTC),
        context={"device": "phone"},
        filter={"brand": "National"},
        exclude_items=["i9"],
        seen=Seen.EXCLUDE,
        sources={"two_tower": 1.0, "popular": 0.5},
        diversity=Diversity(method=DiversityMethod.MMR, strength=0.0),
        exploration=Exploration(policy="thompson", seed=7, strength=0.25, temperature=2.0, slots=(1, 4)),
        require_known=True,
        explain=True,
        include_timings=True,
        after_position="p1",
        model="food",
        placement="home",
    )

    request = fake.request
    assert request.as_of == 1496275200.0
    assert request.context["device"].text == "phone"
    assert request.filter.equals.attribute == "brand"
    assert list(request.exclude_item_ids) == ["i9"]
    assert request.seen == policy_pb2.SEEN_EXCLUDE
    assert [(one.source, one.weight) for one in request.sources] == [("two_tower", 1.0), ("popular", 0.5)]
    assert request.diversity.method == policy_pb2.DIVERSITY_METHOD_MMR
    assert request.diversity.HasField("strength")
    assert request.diversity.strength == 0.0
    assert request.exploration == policy_pb2.Exploration(
        policy="thompson", seed=7, strength=0.25, temperature=2.0, slots=[1, 4]
    )
    assert request.require_known
    assert request.explain
    assert request.include_timings
    assert request.after_position == "p1"
    assert (request.model, request.placement) == ("food", "home")


def test_a_source_may_have_a_quota(client, fake):
    client.recommend("c1", sources={"popular": 1, "content": Source(quota=2), "own_past": Source(weight=0.5, quota=1)})
    found = [(one.source, one.weight, one.quota) for one in fake.request.sources]
    assert found == [("popular", 1.0, 0), ("content", 0.0, 2), ("own_past", 0.5, 1)]
    with pytest.raises(BadRequest, match=r"sources\[content\]\.quota: must be at least 0"):
        client.recommend("c1", sources={"content": Source(quota=-1)})


def test_every_part_of_diversity_reaches_the_server(client, fake):
    diversity = Diversity(
        method="max_sum",
        strength=0.3,
        caps={"category": 2, "brand": 1},
        quotas={"brand": {"Private": 1, "National": 2}, "kind": {"new": 1}},
        serendipity=0.25,
        calibrate="category",
    )
    client.recommend("c", diversity=diversity)
    assert fake.request.diversity == policy_pb2.Diversity(
        method=policy_pb2.DIVERSITY_METHOD_MAX_SUM,
        strength=0.3,
        caps={"category": 2, "brand": 1},
        quotas=[
            policy_pb2.Quota(attribute="brand", value="Private", at_least=1),
            policy_pb2.Quota(attribute="brand", value="National", at_least=2),
            policy_pb2.Quota(attribute="kind", value="new", at_least=1),
        ],
        serendipity=0.25,
        calibrate="category",
    )
    client.recommend_batch(["c"], diversity=diversity)
    assert fake.request.diversity.caps == {"category": 2, "brand": 1}
    client.recommend("c", diversity=Diversity())
    assert not fake.request.diversity.HasField("strength")
    assert not fake.request.diversity.HasField("serendipity")


@pytest.mark.parametrize(
    ("diversity", "field"),
    [
        (Diversity(method="magic"), "diversity.method"),
        (Diversity(caps={"kind": -1}), "diversity.caps[kind]"),
        (Diversity(quotas={"kind": {"a": 2**32}}), "diversity.quotas[kind]"),
    ],
)
def test_diversity_that_cannot_be_sent_is_named(client, fake, diversity, field):
    with pytest.raises(BadRequest) as refused:
        client.recommend("c", diversity=diversity)
    assert list(refused.value.violations) == [field]
    assert fake.requests == []


def test_every_field_of_the_reply_is_read(client, fake):
    fake.answer(
        recommend_pb2.RecommendResponse(
            item_ids=["a", "b"],
            scores=[0.5, 0.25],
            source_masks=[0b101, 0b010],
            sources=["two_tower", "popular", "again"],
            explanations=[
                recommend_pb2.Explanation(
                    sources=[
                        recommend_pb2.SourceRank(
                            source="again",
                            rank=3,
                            score=0.5,
                            history=[recommend_pb2.HistoryShare(item_id="c", share=0.5)],
                            history_share=0.75,
                        )
                    ],
                    score_changes=[0.5, -0.25],
                    taken=recommend_pb2.Taken(count=2, since=0.0),
                    moves=[recommend_pb2.RuleMove(rule="cap", ranks=-1)],
                ),
                recommend_pb2.Explanation(),
            ],
            score_groups=["source:again", "item"],
            propensities=[0.5, 1.0],
            bundle=reply_pb2.Bundle(model="food", version="v2", id="ff"),
            impression_id="imp",
            as_of=12.5,
            clock=reply_pb2.CLOCK_LOG_END,
            known_customer=False,
            fallbacks=[reply_pb2.Fallback(code="cold_start:features", text="The customer is new.")],
            unknown_item_count=2,
            unknown_attributes=["shoe_size"],
            candidate_count=200,
            timings=[reply_pb2.StageTiming(stage="retrieve", milliseconds=0.5)],
        )
    )

    found = client.recommend("c")

    assert found[0] == Recommendation(
        item_id="a",
        score=0.5,
        rank=0,
        sources=("two_tower", "again"),
        reasons=Reasons(
            sources=(
                SourceRank(
                    source="again",
                    rank=3,
                    score=0.5,
                    history=(HistoryShare(item_id="c", share=0.5),),
                    history_share=0.75,
                ),
            ),
            score_changes={"source:again": 0.5, "item": -0.25},
            taken=Taken(count=2, since=0.0, gap=None),
            moves=(RuleMove(rule="cap", ranks=-1),),
        ),
        propensity=0.5,
    )
    assert found[1].sources == ("popular",)
    assert not found[1].reasons
    assert found[1].reason == ""
    assert found.item_ids == ("a", "b")
    assert len(found) == 2
    assert found.bundle == Bundle(model="food", version="v2", id="ff")
    assert (found.impression_id, found.as_of, found.clock) == ("imp", 12.5, Clock.LOG_END)
    assert not found.known_customer
    assert found.fallbacks == (Fallback(code="cold_start:features", text="The customer is new."),)
    assert (found.unknown_items, found.unknown_attributes, found.candidates) == (2, ("shoe_size",), 200)
    assert found.timings_ms == {"retrieve": 0.5}


def test_a_clock_of_a_later_release_reads_as_none(client, fake):
    fake.answer(recommend_pb2.RecommendResponse(clock=99))

    assert client.recommend("c").clock is None


def test_arrays_of_different_lengths_are_a_defect_of_the_server(client, fake):
    fake.answer(recommend_pb2.RecommendResponse(item_ids=["a", "b"], scores=[0.5]))

    with pytest.raises(ServerError, match=r"\[2, 1, 2, 2, 2\]"):
        client.recommend("c")


def test_changes_without_a_group_are_a_defect_of_the_server(client, fake):
    fake.answer(
        recommend_pb2.RecommendResponse(
            item_ids=["a"],
            scores=[0.5],
            explanations=[recommend_pb2.Explanation(score_changes=[1.0, 2.0])],
            score_groups=["item"],
        )
    )

    with pytest.raises(ServerError, match="2 changes of a score for 1 groups"):
        client.recommend("c")


def test_a_batch_keeps_its_order_and_each_row_its_own_error(client, fake, row_status):
    missing = row_status(
        grpc.StatusCode.NOT_FOUND,
        "unknown customer",
        error_details_pb2.ResourceInfo(resource_type="customer", resource_name="nobody"),
    )
    fake.answer(
        recommend_pb2.BatchRecommendResponse(
            results=[
                recommend_pb2.BatchRecommendResult(list=recommend_pb2.RecommendResponse(item_ids=["a"], scores=[1])),
                recommend_pb2.BatchRecommendResult(status=missing),
            ]
        )
    )

    batch = client.recommend_batch(["c1", Customer(customer_id="nobody", profile=Profile(history=[]))], k=1)

    assert [customer.customer_id for customer in fake.request.customers] == ["c1", "nobody"]
    assert fake.request.k == 1
    assert batch[0].result().item_ids == ("a",)
    assert len(batch) == 2
    assert isinstance(batch[1].error, NotFound)
    with pytest.raises(NotFound, match="unknown customer") as caught:
        batch[1].result()
    assert caught.value.resource_name == "nobody"


def test_the_client_s_own_model_and_placement_hold_unless_a_call_says_otherwise(fake):
    with Client(fake.address, model="food", placement="home", timeout=30.0) as shortlist:
        shortlist.recommend("c")
        assert (fake.request.model, fake.request.placement) == ("food", "home")
        shortlist.recommend("c", model="", placement="basket")
        assert (fake.request.model, fake.request.placement) == ("", "basket")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"k": -1}, "k"),
        ({"k": 2**32}, "k"),
        ({"as_of": datetime(2017, 6, 1)}, "as_of"),
        ({"exclude_items": "i1"}, "exclude_items"),
        ({"profile": Profile(history="i1")}, "profile.history"),
        ({"profile": Profile(history=[Event(item_id="i1", timestamp=datetime(2017, 6, 1))])}, "profile.history"),
        ({"profile": Profile(features={"age": object()})}, 'profile.features["age"]'),
        ({"context": {"tags": [1, 2]}}, 'context["tags"]'),
        ({"filter": "brand"}, "filter"),
        ({"customer_id": "\ud800"}, "request"),
        ({"filter": {"brand": "\ud800"}}, "request"),
        ({"exploration": Exploration(seed=-1)}, "request"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_sending(client, fake, arguments, field):
    with pytest.raises(BadRequest) as caught:
        client.recommend(**arguments)

    assert list(caught.value.violations) == [field]
    assert fake.requests == []


def test_a_single_customer_is_no_batch(client):
    with pytest.raises(BadRequest, match="takes a sequence of customers"):
        client.recommend_batch("c1")


def test_a_closed_client_says_so(fake):
    shortlist = Client(fake.address)
    shortlist.close()
    shortlist.close()

    with pytest.raises(UsageError, match="closed"):
        shortlist.recommend("c")


def test_a_timeout_must_be_positive(client):
    with pytest.raises(UsageError, match="timeout"):
        client.recommend("c", timeout=0)
