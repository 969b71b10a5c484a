"""A full request of each kind, and the dataclass that has to come out."""

import pytest
from valid_requests import batch, encode_customers, encode_items, equals, recommend, score, similar

from shortlist.v1 import customer_pb2, recommend_pb2, value_pb2
from shortlist_bundle.filters.conditions import All, Equals
from shortlist_server.errors import InvalidRequest
from shortlist_server.limits import Limits
from shortlist_server.pipeline.request import (
    Event,
    Profile,
    RecommendRequest,
    ScoreRequest,
    Seen,
    SimilarItemsRequest,
)
from shortlist_server.wire.requests import (
    read_batch,
    read_encode_customers,
    read_encode_items,
    read_recommend,
    read_score,
    read_similar_items,
)

PROFILE = Profile(
    features={"age": 42.5, "member": True, "tags": ("a", "b")},
    history=(
        Event(item_id="apple", timestamp=1.4e9, value=1.0, rating=None, event="purchase"),
        Event(item_id="bread", timestamp=None, value=2.0, rating=4.0, event=None),
    ),
)


def test_recommend():
    assert read_recommend(recommend()) == RecommendRequest(
        customer_id="ann",
        profile=PROFILE,
        k=2,
        as_of=1.5e9,
        context={"device": "phone", "hour": 7},
        filter=All((Equals("department", "food"), Equals("department", "food"))),
        exclude_items=("cheese", "no such item"),
        seen=Seen.EXCLUDE,
        sources={"popular": 0.5},
        source_quotas={"popular": 1},
        explain=True,
    )


def test_an_empty_request_is_the_default_one():
    assert read_recommend(recommend_pb2.RecommendRequest()) == RecommendRequest()


def test_batch_rows_share_the_settings():
    first, second = read_batch(batch(filter=equals("department", "food"), require_known=True))
    shared = {"k": 2, "as_of": 1.5e9, "filter": Equals("department", "food"), "require_known": True}
    assert first == RecommendRequest(customer_id="ann", **shared)
    assert second == RecommendRequest(profile=PROFILE, **shared)


def test_similar_items():
    assert read_similar_items(similar()) == SimilarItemsRequest(
        item_id="apple", k=2, space="two_tower", filter=Equals("department", "food"), exclude_items=("cheese",)
    )
    assert read_similar_items(similar(space="embedding")).space == "embedding"


def test_score():
    assert read_score(score()) == ScoreRequest(
        items=("apple", "bread"), customer_id="ann", profile=PROFILE, as_of=1.5e9
    )


def test_encode():
    assert read_encode_customers(encode_customers()) == [
        RecommendRequest(customer_id="ann", profile=PROFILE, as_of=1.5e9)
    ]
    assert read_encode_items(encode_items()) == ("apple",)


def test_values_of_no_kind_are_left_out_as_empty_cells_are():
    profile = customer_pb2.Profile(features={"age": value_pb2.Value(), "tags": value_pb2.Value(text="")})
    assert read_recommend(recommend(profile=profile, context={"hour": value_pb2.Value()})) == read_recommend(
        recommend(profile=customer_pb2.Profile(features={"tags": value_pb2.Value(text="")}), context={})
    )


def test_limits_are_a_matter_of_the_server():
    with pytest.raises(InvalidRequest, match="k: 2 is not within 1 to 1"):
        read_recommend(recommend(), Limits(list_length=1))
