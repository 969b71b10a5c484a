"""Whatever a caller puts into a request: a list that fits it, or the fields that do not."""

import grpc
import hypothesis.strategies as st
from calls import refusal_of
from hypothesis import HealthCheck, given, settings

from shortlist.v1 import customer_pb2, filter_pb2, needs_pb2, policy_pb2, recommend_pb2, value_pb2

EARLIEST, LATEST = -62_135_596_800.0, 253_402_300_799.0

numbers = st.floats(allow_nan=True, allow_infinity=True)
moments = st.one_of(numbers, st.floats(EARLIEST, LATEST))
ids = st.one_of(st.text(max_size=8), st.text(min_size=120, max_size=260))
values = st.one_of(
    st.builds(value_pb2.Value, text=st.text(max_size=300)),
    st.builds(value_pb2.Value, number=numbers),
    st.builds(value_pb2.Value, integer=st.integers(-(2**63), 2**63 - 1)),
    st.builds(value_pb2.Value, flag=st.booleans()),
    st.builds(value_pb2.Value, texts=st.builds(value_pb2.TextList, values=st.lists(st.text(max_size=5), max_size=3))),
    st.just(value_pb2.Value()),
)
histories = st.builds(
    customer_pb2.History,
    item_ids=st.lists(ids, max_size=3),
    timestamps=st.lists(moments, max_size=3),
    values=st.lists(numbers, max_size=3),
    ratings=st.lists(numbers, max_size=3),
    events=st.lists(ids, max_size=3),
)
profiles = st.builds(
    customer_pb2.Profile,
    features=st.dictionaries(ids, values, max_size=3),
    history=st.one_of(st.none(), histories),
)
leaves = st.one_of(
    st.builds(filter_pb2.Filter),
    st.builds(
        filter_pb2.Filter,
        equals=st.builds(
            filter_pb2.EqualsFilter, attribute=st.sampled_from(["department", "organic", ""]), value=values
        ),
    ),
    st.builds(
        filter_pb2.Filter,
        any_of=st.builds(filter_pb2.AnyOfFilter, attribute=st.just("department"), values=st.lists(values, max_size=3)),
    ),
    st.builds(filter_pb2.Filter, flag=st.builds(filter_pb2.FlagFilter, attribute=st.just("organic"))),
    st.builds(
        filter_pb2.Filter,
        range=st.builds(filter_pb2.RangeFilter, attribute=st.just("department"), at_most=st.none() | numbers),
    ),
)
filters = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(filter_pb2.Filter, all=st.builds(filter_pb2.AllFilter, filters=st.lists(inner, max_size=3))),
        st.builds(filter_pb2.Filter, any=st.builds(filter_pb2.AnyFilter, filters=st.lists(inner, max_size=3))),
        st.builds(filter_pb2.Filter, negation=st.builds(filter_pb2.NotFilter, filter=inner)),
    ),
    max_leaves=6,
)
wishes = st.one_of(
    st.builds(
        needs_pb2.Wish,
        attribute=st.sampled_from(["price", ""]),
        near=st.builds(needs_pb2.Near, target=numbers, within=st.none() | numbers),
        weight=st.none() | numbers,
    ),
    st.builds(
        needs_pb2.Wish,
        attribute=st.just("department"),
        wanted=st.builds(needs_pb2.WantedValues, values=st.lists(values, max_size=3)),
    ),
    st.builds(needs_pb2.Wish, attribute=st.just("price"), direction=st.integers(-1, 4)),
    st.builds(needs_pb2.Wish, attribute=st.just("price")),
)
needs = st.builds(
    needs_pb2.Needs,
    musts=st.lists(filters, max_size=3),
    wishes=st.lists(wishes, max_size=3),
    weight=st.none() | numbers,
    relax=st.booleans(),
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "customer_id": ids,
        "profile": profiles,
        "k": st.one_of(st.integers(0, 2**32 - 1), st.integers(1, 1_000)),
        "as_of": moments,
        "context": st.dictionaries(ids, values, max_size=2),
        "filter": filters,
        "needs": needs,
        "exclude_item_ids": st.lists(ids, max_size=4),
        "seen": st.integers(-1, 5),
        "sources": st.lists(
            st.builds(
                policy_pb2.SourceWeight,
                source=st.sampled_from(["popular", "x", ""]),
                weight=numbers,
                quota=st.integers(0, 5) | st.integers(0, 2**32 - 1),
            ),
            max_size=3,
        ),
        "diversity": st.builds(
            policy_pb2.Diversity,
            method=st.integers(-1, 5),
            strength=numbers,
            caps=st.dictionaries(ids, st.integers(0, 2**32 - 1), max_size=2),
            quotas=st.lists(
                st.builds(policy_pb2.Quota, attribute=ids, value=ids, at_least=st.integers(0, 2**32 - 1)), max_size=2
            ),
            serendipity=numbers,
            calibrate=ids,
        ),
        "require_known": st.booleans(),
        "explain": st.booleans(),
    },
).map(lambda fields: recommend_pb2.RecommendRequest(**fields))

MOST_TOLD = 12
"""Violations in one answer; further ones are counted."""
EXPECTED = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.UNIMPLEMENTED,
}


def in_range(request):
    """Whether the plain fields can be meant, judged anew from the documentation of the API."""
    return {
        "k": not request.HasField("k") or 1 <= request.k <= 1_000,
        "as_of": not request.HasField("as_of") or EARLIEST <= request.as_of <= LATEST,
        "customer_id": len(request.customer_id.encode()) <= 256,
        "seen": 0 <= request.seen <= 3,
        "exclude_item_ids": all(0 < len(item.encode()) <= 256 for item in request.exclude_item_ids),
        "sources": all(source.source and 0.0 <= source.weight < float("inf") for source in request.sources)
        and len({source.source for source in request.sources}) == len(request.sources)
        and sum(source.quota for source in request.sources) <= (request.k if request.HasField("k") else 10)
        and all(source.quota <= 1_000 for source in request.sources),
    }


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(request=requests)
def test_every_request_gets_a_list_or_a_reason(recommender, request):
    fine = in_range(request)
    try:
        reply = recommender.Recommend(request, timeout=10.0)
    except grpc.RpcError as error:
        found = refusal_of(error)
        assert found.code in EXPECTED
        bad = {field for field, good in fine.items() if not good}
        named = {field.split("[")[0].split(".")[0] for field in found.fields}
        if len(found.fields) < MOST_TOLD:
            assert named & set(fine) == bad
        else:
            assert named & set(fine) <= bad
    else:
        assert all(fine.values())
        assert len(reply.item_ids) == len(reply.scores) == len(reply.source_masks) <= (request.k or 10)
        assert not set(reply.item_ids) & set(request.exclude_item_ids)
        assert len(reply.explanations) == (len(reply.item_ids) if request.explain else 0)
