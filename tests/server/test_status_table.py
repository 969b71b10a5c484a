"""The table of status codes, row by row, over a real socket."""

from dataclasses import replace

import grpc
import numpy as np
import pytest
from calls import SETTINGS, refusal, refusal_of, serving, unpack, until
from fakes import SECRET, FakePipeline
from google.rpc import code_pb2
from valid_requests import (
    METHODS,
    VALID,
    batch,
    encode_customers,
    encode_items,
    equals,
    every,
    needs,
    recommend,
    score,
    similar,
    similar_customers,
)

from shortlist.v1 import (
    customer_pb2,
    filter_pb2,
    item_pb2,
    model_service_pb2,
    model_service_pb2_grpc,
    needs_pb2,
    policy_pb2,
    recommend_pb2,
    recommender_service_pb2_grpc,
    reply_pb2,
    score_pb2,
    value_pb2,
)

NAN, INF = float("nan"), float("inf")
INVALID, NOT_FOUND = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
LONG = "x" * 257


def history(**fields):
    return customer_pb2.Profile(history=customer_pb2.History(**fields))


def features(**values):
    return customer_pb2.Profile(features=values)


def number(value):
    return value_pb2.Value(number=value)


def quotas(*wanted):
    return policy_pb2.Diversity(
        quotas=[policy_pb2.Quota(attribute=name, value=value, at_least=least) for name, value, least in wanted]
    )


def sources(*pairs):
    return [policy_pb2.SourceWeight(source=name, weight=weight) for name, weight in pairs]


def ranged(**limits):
    return filter_pb2.Filter(range=filter_pb2.RangeFilter(attribute="department", **limits))


def any_of(*values):
    return filter_pb2.Filter(any_of=filter_pb2.AnyOfFilter(attribute="department", values=values))


def either(*filters):
    return filter_pb2.Filter(any=filter_pb2.AnyFilter(filters=filters))


def negated(filter):
    return filter_pb2.Filter(negation=filter_pb2.NotFilter(filter=filter))


def wish(**fields):
    return needs_pb2.Wish(**{"attribute": "price", **fields})


def wanted(*values):
    return wish(wanted=needs_pb2.WantedValues(values=values))


MANY_FEATURES = customer_pb2.Profile(features={str(column): number(1.0) for column in range(257)})
LONG_LIST = customer_pb2.Profile(features={"tags": value_pb2.Value(texts=value_pb2.TextList(values=["a"] * 257))})

BAD_FIELDS = {
    "k of 0": ({"k": 0}, "k"),
    "k beyond 1,000": ({"k": 1_001}, "k"),
    "as_of NaN": ({"as_of": NAN}, "as_of"),
    "as_of infinite": ({"as_of": -INF}, "as_of"),
    "as_of in milliseconds": ({"as_of": 1.7e12}, "as_of"),
    "customer id too long": ({"customer_id": LONG}, "customer_id"),
    "customer id too long in bytes": ({"customer_id": "é" * 129}, "customer_id"),
    "excluded id empty": ({"exclude_item_ids": ["apple", ""]}, "exclude_item_ids[1]"),
    "excluded id too long": ({"exclude_item_ids": [LONG]}, "exclude_item_ids[0]"),
    "too many excluded": ({"exclude_item_ids": ["x"] * 10_001}, "exclude_item_ids"),
    "unknown seen": ({"seen": 9}, "seen"),
    "source without a name": ({"sources": sources(("", 1.0))}, "sources[0].source"),
    "source named twice": ({"sources": sources(("popular", 1.0), ("popular", 2.0))}, "sources[1].source"),
    "weight NaN": ({"sources": sources(("popular", NAN))}, "sources[0].weight"),
    "weight below 0": ({"sources": sources(("popular", -0.1))}, "sources[0].weight"),
    "source quota beyond 1,000": (
        {"sources": [policy_pb2.SourceWeight(source="popular", quota=1_001)]},
        "sources[0].quota",
    ),
    "source quotas beyond k": (
        {"k": 5, "sources": [policy_pb2.SourceWeight(source=name, quota=3) for name in ("popular", "two_tower")]},
        "sources",
    ),
    "too many sources": ({"sources": sources(*((str(n), 1.0) for n in range(33)))}, "sources"),
    "feature NaN": ({"profile": features(age=number(NAN))}, "profile.features[age]"),
    "feature text too long": ({"profile": features(age=value_pb2.Value(text="x" * 1_025))}, "profile.features[age]"),
    "too many features": ({"profile": MANY_FEATURES}, "profile.features"),
    "too many categories": ({"profile": LONG_LIST}, "profile.features[tags].texts.values"),
    "feature without a name": ({"profile": customer_pb2.Profile(features={"": number(1.0)})}, "profile.features[]"),
    "context infinite": ({"context": {"hour": number(INF)}}, "context[hour]"),
    "context a list": (
        {"context": {"hour": value_pb2.Value(texts=value_pb2.TextList(values=["a"]))}},
        "context[hour]",
    ),
    "too much context": ({"context": {str(n): number(1.0) for n in range(65)}}, "context"),
    "history too long": ({"profile": history(item_ids=["x"] * 1_001)}, "profile.history.item_ids"),
    "history id empty": ({"profile": history(item_ids=[""])}, "profile.history.item_ids[0]"),
    "moment infinite": (
        {"profile": history(item_ids=["a"], timestamps=[INF])},
        "profile.history.timestamps[0]",
    ),
    "uneven arrays": ({"profile": history(item_ids=["a", "b"], timestamps=[1.0])}, "profile.history.timestamps"),
    "arrays without items": ({"profile": history(values=[1.0])}, "profile.history.values"),
    "value NaN": ({"profile": history(item_ids=["a"], values=[NAN])}, "profile.history.values[0]"),
    "value below 0": ({"profile": history(item_ids=["a"], values=[-1.0])}, "profile.history.values[0]"),
    "rating infinite": ({"profile": history(item_ids=["a"], ratings=[INF])}, "profile.history.ratings[0]"),
    "event too long": ({"profile": history(item_ids=["a"], events=[LONG])}, "profile.history.events[0]"),
    "empty filter": ({"filter": filter_pb2.Filter()}, "filter"),
    "all of nothing": ({"filter": every()}, "filter.all.filters"),
    "equals nothing": (
        {"filter": filter_pb2.Filter(equals=filter_pb2.EqualsFilter(attribute="department"))},
        "filter.equals.value",
    ),
    "equals without an attribute": ({"filter": equals("", "food")}, "filter.equals.attribute"),
    "equals a list": (
        {
            "filter": filter_pb2.Filter(
                equals=filter_pb2.EqualsFilter(
                    attribute="department", value=value_pb2.Value(texts=value_pb2.TextList(values=["food"]))
                )
            )
        },
        "filter.equals.value",
    ),
    "any of none": ({"filter": any_of()}, "filter.any_of.values"),
    "any of too many": ({"filter": any_of(*[number(1.0)] * 1_001)}, "filter.any_of.values"),
    "any of nothing": ({"filter": any_of(number(1.0), value_pb2.Value())}, "filter.any_of.values[1]"),
    "any of infinity": ({"filter": any_of(number(1.0), number(2.0), number(INF))}, "filter.any_of.values[2]"),
    "any of a text too long": ({"filter": any_of(value_pb2.Value(text="x" * 1_025))}, "filter.any_of.values[0]"),
    "range without limits": ({"filter": ranged()}, "filter.range"),
    "range to infinity": ({"filter": ranged(at_least=0.0, less_than=INF)}, "filter.range.less_than"),
    "range from NaN": ({"filter": every(ranged(more_than=NAN))}, "filter.all.filters[0].range.more_than"),
    "either of nothing": ({"filter": either()}, "filter.any.filters"),
    "either of too many": ({"filter": either(*[filter_pb2.Filter()] * 65)}, "filter.any.filters"),
    "negation of nothing": ({"filter": negated(filter_pb2.Filter())}, "filter.negation.filter"),
    "deep inside": (
        {"filter": every(equals("department", "food"), either(negated(ranged(at_most=NAN))))},
        "filter.all.filters[1].any.filters[0].negation.filter.range.at_most",
    ),
    "attribute too long": ({"filter": equals(LONG, "food")}, "filter.equals.attribute"),
    "too many filters in one": ({"filter": every(*[equals("department", "food")] * 65)}, "filter.all.filters"),
    "too many conditions": (
        {"filter": every(*[equals("department", "food")] * 63, either(*[equals("department", "food")] * 2))},
        "filter",
    ),
    "needs without a need": ({"needs": needs(musts=[], wishes=[])}, "needs"),
    "needs' weight NaN": ({"needs": needs(weight=NAN)}, "needs.weight"),
    "needs' weight beyond 1": ({"needs": needs(weight=1.1)}, "needs.weight"),
    "too many musts": ({"needs": needs(musts=[equals("department", "food")] * 17)}, "needs.musts"),
    "empty must": ({"needs": needs(musts=[filter_pb2.Filter()])}, "needs.musts[0]"),
    "too many wishes": ({"needs": needs(wishes=[wish(direction=1)] * 17)}, "needs.wishes"),
    "wish without an attribute": (
        {"needs": needs(wishes=[wish(attribute="", direction=1)])},
        "needs.wishes[0].attribute",
    ),
    "wish for nothing": ({"needs": needs(wishes=[wish()])}, "needs.wishes[0]"),
    "wish without weight": ({"needs": needs(wishes=[wish(direction=1, weight=0.0)])}, "needs.wishes[0].weight"),
    "wish weight NaN": ({"needs": needs(wishes=[wish(direction=1, weight=NAN)])}, "needs.wishes[0].weight"),
    "wish weight beyond 1,000": (
        {"needs": needs(wishes=[wish(direction=1, weight=1e3 + 1)])},
        "needs.wishes[0].weight",
    ),
    "direction unspecified": ({"needs": needs(wishes=[wish(direction=0)])}, "needs.wishes[0].direction"),
    "direction unknown": ({"needs": needs(wishes=[wish(direction=9)])}, "needs.wishes[0].direction"),
    "near NaN": ({"needs": needs(wishes=[wish(near=needs_pb2.Near(target=NAN))])}, "needs.wishes[0].near.target"),
    "near within 0": (
        {"needs": needs(wishes=[wish(near=needs_pb2.Near(target=1.0, within=0.0))])},
        "needs.wishes[0].near.within",
    ),
    "near within infinity": (
        {"needs": needs(wishes=[wish(near=needs_pb2.Near(target=1.0, within=INF))])},
        "needs.wishes[0].near.within",
    ),
    "no value wanted": ({"needs": needs(wishes=[wanted()])}, "needs.wishes[0].wanted.values"),
    "too many values wanted": ({"needs": needs(wishes=[wanted(*[number(1.0)] * 33)])}, "needs.wishes[0].wanted.values"),
    "value of no kind wanted": (
        {"needs": needs(wishes=[wanted(number(1.0), value_pb2.Value())])},
        "needs.wishes[0].wanted.values[1]",
    ),
    "NaN wanted": ({"needs": needs(wishes=[wanted(number(NAN))])}, "needs.wishes[0].wanted.values[0]"),
    "unknown diversity": ({"diversity": policy_pb2.Diversity(method=9)}, "diversity.method"),
    "diversity beyond 1": ({"diversity": policy_pb2.Diversity(strength=1.5)}, "diversity.strength"),
    "diversity NaN": ({"diversity": policy_pb2.Diversity(strength=NAN)}, "diversity.strength"),
    "serendipity below 0": ({"diversity": policy_pb2.Diversity(serendipity=-0.1)}, "diversity.serendipity"),
    "cap of none": ({"diversity": policy_pb2.Diversity(caps={"department": 0})}, "diversity.caps[department]"),
    "cap too high": ({"diversity": policy_pb2.Diversity(caps={"department": 1_001})}, "diversity.caps[department]"),
    "cap of no attribute": ({"diversity": policy_pb2.Diversity(caps={"": 1})}, "diversity.caps[]"),
    "too many caps": ({"diversity": policy_pb2.Diversity(caps={str(n): 1 for n in range(9)})}, "diversity.caps"),
    "quota of no attribute": ({"diversity": quotas(("", "food", 1))}, "diversity.quotas[0].attribute"),
    "quota of no value": ({"diversity": quotas(("department", "", 1))}, "diversity.quotas[0].value"),
    "quota of none": ({"diversity": quotas(("department", "food", 0))}, "diversity.quotas[0].at_least"),
    "quotas beyond k": (
        {"diversity": quotas(("department", "food", 6), ("department", "wine", 5)), "k": 10},
        "diversity.quotas",
    ),
    "too many quotas": ({"diversity": quotas(*[("department", "food", 1)] * 33), "k": 50}, "diversity.quotas"),
    "calibrate too long": ({"diversity": policy_pb2.Diversity(calibrate=LONG)}, "diversity.calibrate"),
    "exploration NaN": ({"exploration": policy_pb2.Exploration(strength=NAN)}, "exploration.strength"),
    "exploration above 1": ({"exploration": policy_pb2.Exploration(strength=1.01)}, "exploration.strength"),
    "exploration unknown": ({"exploration": policy_pb2.Exploration(policy="dice")}, "exploration.policy"),
    "exploration too long": ({"exploration": policy_pb2.Exploration(policy=LONG)}, "exploration.policy"),
    "exploration too cold": ({"exploration": policy_pb2.Exploration(temperature=1e-7)}, "exploration.temperature"),
    "exploration too hot": ({"exploration": policy_pb2.Exploration(temperature=INF)}, "exploration.temperature"),
    "exploration no temperature": ({"exploration": policy_pb2.Exploration(temperature=NAN)}, "exploration.temperature"),
    "exploration beyond": ({"exploration": policy_pb2.Exploration(slots=[3, 1_000])}, "exploration.slots[1]"),
    "too many slots": ({"exploration": policy_pb2.Exploration(slots=[1] * 1_001)}, "exploration.slots"),
}


@pytest.mark.parametrize(("changes", "path"), BAD_FIELDS.values(), ids=BAD_FIELDS)
def test_a_field_that_cannot_be_meant_is_named_by_its_path(recommender, changes, path):
    found = refusal(recommender.Recommend, recommend_pb2.RecommendRequest(**changes))
    assert found.code is INVALID
    assert found.reason == "INVALID_REQUEST"
    assert found.fields == [path]
    assert found.text.startswith(f"{path}: ")


SHARED = (
    *("k", "as_of", "exclude_item_ids", "seen", "sources", "context", "filter", "diversity", "exploration"),
    "needs",
)


@pytest.mark.parametrize(
    ("changes", "path"),
    [case for case in BAD_FIELDS.values() if set(case[0]) <= set(SHARED)],
    ids=[name for name, case in BAD_FIELDS.items() if set(case[0]) <= set(SHARED)],
)
def test_the_settings_of_a_batch_are_held_to_the_same(recommender, changes, path):
    found = refusal(recommender.BatchRecommend, batch(**changes))
    assert (found.code, found.fields) == (INVALID, [path])


@pytest.mark.parametrize(("changes", "path"), BAD_FIELDS.values(), ids=BAD_FIELDS)
def test_a_session_is_held_to_the_same(recommender, changes, path):
    opening = recommend_pb2.StreamRecommendRequest(open=recommend_pb2.RecommendRequest(**changes))
    found = refusal(_lists, recommender, opening)
    assert (found.code, found.fields) == (INVALID, [f"open.{path}"])
    if set(changes) <= set(SHARED):
        fine = recommend_pb2.StreamRecommendRequest(open=recommend(), quiet=True)
        asked = recommend_pb2.StreamRecommendRequest(request=recommend_pb2.RecommendRequest(**changes))
        found = refusal(_lists, recommender, fine, asked)
        assert (found.code, found.fields) == (INVALID, [f"request.{path}"])


def _lists(recommender, *messages, timeout):
    return list(recommender.StreamRecommend(iter(messages), timeout=timeout))


def test_a_number_that_the_limits_allow_is_taken(recommender):
    """The negative control of the table above: the extremes themselves are fine."""
    recommender.Recommend(
        recommend(
            k=1_000,
            as_of=0.0,
            customer_id="x" * 256,
            exclude_item_ids=["x" * 256] * 10_000,
            sources=[policy_pb2.SourceWeight(source="popular", quota=1_000)],
            profile=history(item_ids=["a"] * 1_000, timestamps=[NAN] * 1_000, ratings=[NAN] * 1_000),
            context={str(n): number(1.0) for n in range(64)},
            filter=every(
                *[equals("department", "food")] * 62,
                negated(any_of(*[number(1.0)] * 1_000)),
                either(ranged(at_least=-1e300, at_most=1e300)),
            ),
            needs=needs(
                musts=[equals("department", "food")] * 16,
                wishes=[wish(direction=1, weight=1e3), *[wanted(*[number(1.0)] * 32)] * 15],
                weight=1.0,
            ),
        ),
        timeout=10.0,
    )


def test_every_violation_is_told_at_once(recommender):
    found = refusal(recommender.Recommend, recommend_pb2.RecommendRequest(k=0, as_of=NAN, customer_id=LONG))
    assert set(found.fields) == {"k", "as_of", "customer_id"}
    assert found.text.endswith("; and 2 more")


def test_ten_thousand_violations_fit_into_a_trailer(recommender):
    names = {"é" * 60 + str(number): value_pb2.Value(number=NAN) for number in range(64)}
    found = refusal(
        recommender.Recommend,
        recommend_pb2.RecommendRequest(context=names, exclude_item_ids=["" for _ in range(9_999)]),
    )
    assert found.code is INVALID
    assert 1 < len(found.fields) < 20


def test_an_attribute_that_the_bundle_lacks(recommender):
    found = refusal(recommender.Recommend, recommend(filter=equals("colour", "red")))
    assert (found.code, found.reason) == (INVALID, "UNKNOWN_ATTRIBUTE")
    assert "colour" in found.text


def test_what_became_of_a_filter_is_in_the_reply(recommender):
    """The figures of the fake, in the fields of their names; without a filter there is no report."""
    one = recommender.Recommend(recommend(filter=ranged(at_most=1.0)), timeout=10.0)
    many = recommender.BatchRecommend(batch(filter=equals("department", "food")), timeout=10.0)
    near = recommender.SimilarItems(similar(), timeout=10.0)
    for reply in (one, many.results[0].list, near):
        report = reply.filter_report
        assert report.strategy == reply_pb2.FILTER_STRATEGY_SELECTOR
        assert (report.matching_count, report.scanned_count, report.survived_count) == (2, 7, 1)
    plain = recommend()
    plain.ClearField("filter")
    assert not recommender.Recommend(plain, timeout=10.0).HasField("filter_report")


@pytest.mark.parametrize("make", [recommend, batch])
def test_a_position_without_a_log_is_never_ignored(recommender, make):
    call = recommender.Recommend if make is recommend else recommender.BatchRecommend
    found = refusal(call, make(after_position="17"))
    assert (found.code, found.reason) == (grpc.StatusCode.UNIMPLEMENTED, "FEATURE_OFF")
    assert found.details["ErrorInfo"].metadata["feature"] == "after_position"


@pytest.mark.parametrize("text", ["p1", "-1", "1.0", "9" * 20, "\u0663"])
@pytest.mark.parametrize("make", [recommend, batch])
def test_a_position_is_a_whole_number_as_text(recommender, make, text):
    call = recommender.Recommend if make is recommend else recommender.BatchRecommend
    found = refusal(call, make(after_position=text))
    assert (found.code, found.fields) == (grpc.StatusCode.INVALID_ARGUMENT, ["after_position"])


def test_asking_for_none_of_it_is_fine(recommender):
    recommender.Recommend(
        recommend(
            diversity=policy_pb2.Diversity(method=policy_pb2.DIVERSITY_METHOD_NONE, strength=0.0),
            exploration=policy_pb2.Exploration(policy="none", seed=7),
        ),
        timeout=10.0,
    )


def test_an_unknown_customer_gets_a_list_marked_as_cold(recommender):
    reply = recommender.Recommend(recommend(customer_id="stranger", exclude_item_ids=[]), timeout=10.0)
    assert not reply.known_customer
    assert [fallback.code for fallback in reply.fallbacks] == ["cold_start:features"]


def test_an_unknown_customer_is_not_found_when_the_request_insists(recommender):
    found = refusal(recommender.Recommend, recommend(customer_id="stranger", require_known=True))
    assert (found.code, found.reason) == (NOT_FOUND, "UNKNOWN_CUSTOMER")
    assert found.details["ResourceInfo"].resource_type == "customer"
    assert found.details["ResourceInfo"].resource_name == "stranger"


def test_an_unknown_customer_has_no_likes_only_when_the_request_insists(recommender):
    reply = recommender.SimilarCustomers(similar_customers(customer_id="stranger"), timeout=10.0)
    assert not reply.known_customer
    assert [fallback.code for fallback in reply.fallbacks] == ["cold_start:features"]
    found = refusal(recommender.SimilarCustomers, similar_customers(customer_id="stranger", require_known=True))
    assert (found.code, found.reason) == (NOT_FOUND, "UNKNOWN_CUSTOMER")
    assert found.details["ResourceInfo"].resource_name == "stranger"


def test_unknown_items_in_an_exclusion_list_are_counted(recommender):
    reply = recommender.Recommend(recommend(exclude_item_ids=["no", "nope", "apple"]), timeout=10.0)
    assert reply.unknown_item_count == 2


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("SimilarItems", similar(item_id="no such item")),
        ("Score", score(item_ids=["apple", "no such item"])),
        ("EncodeItems", encode_items(items=[item_pb2.Item(item_id="no such item")])),
    ],
)
def test_an_unknown_item_is_not_found(recommender, method, request_):
    found = refusal(getattr(recommender, method), request_)
    assert (found.code, found.reason) == (NOT_FOUND, "UNKNOWN_ITEM")
    assert found.details["ResourceInfo"].resource_name == "no such item"


@pytest.mark.parametrize(
    ("method", "request_", "path"),
    [
        ("SimilarItems", similar(item_id=""), "item_id"),
        ("SimilarItems", similar(k=0), "k"),
        ("SimilarItems", similar(space="hyperbolic"), "space"),
        ("SimilarItems", similar(space=LONG), "space"),
        ("SimilarItems", similar(filter=ranged(at_most=NAN)), "filter.range.at_most"),
        ("SimilarCustomers", similar_customers(k=0), "k"),
        ("SimilarCustomers", similar_customers(k=1_001), "k"),
        ("SimilarCustomers", similar_customers(as_of=NAN), "as_of"),
        ("SimilarCustomers", similar_customers(customer_id=LONG), "customer_id"),
        ("SimilarCustomers", similar_customers(profile=features(age=number(NAN))), "profile.features[age]"),
        ("SimilarCustomers", similar_customers(profile=history(item_ids=["x"] * 1_001)), "profile.history.item_ids"),
        ("Score", score(item_ids=[]), "item_ids"),
        ("Score", score(item_ids=["apple"] * 1_001), "item_ids"),
        ("Score", score(item_ids=["apple", ""]), "item_ids[1]"),
        ("Score", score(as_of=INF), "as_of"),
        ("BatchRecommend", batch(customers=[]), "customers"),
        ("BatchRecommend", batch(customers=[customer_pb2.Customer()] * 1_001), "customers"),
        ("BatchRecommend", batch(customers=[customer_pb2.Customer()] * 1_000, k=201), "customers"),
        ("BatchRecommend", batch(customers=[customer_pb2.Customer()] * 1_000, k=6, explain=True), "customers"),
        ("EncodeCustomers", encode_customers(customers=[]), "customers"),
        ("EncodeCustomers", encode_customers(as_of=NAN), "as_of"),
        (
            "EncodeCustomers",
            encode_customers(customers=[customer_pb2.Customer(), customer_pb2.Customer(customer_id=LONG)]),
            "customers[1].customer_id",
        ),
        ("EncodeItems", encode_items(items=[]), "items"),
        ("EncodeItems", encode_items(items=[item_pb2.Item()]), "items[0].item_id"),
    ],
)
def test_the_other_methods_name_their_fields_too(recommender, method, request_, path):
    found = refusal(getattr(recommender, method), request_)
    assert (found.code, found.fields) == (INVALID, [path])


def test_the_histories_of_a_batch_are_counted_together(recommender):
    rows = [customer_pb2.Customer(profile=history(item_ids=["x"] * 1_000))] * 101
    found = refusal(recommender.BatchRecommend, batch(customers=rows))
    assert (found.code, found.fields) == (INVALID, ["customers"])


def test_items_with_attributes_cannot_be_encoded_yet(recommender):
    items = [item_pb2.Item(item_id="apple", attributes={"department": value_pb2.Value(text="food")})]
    assert refusal(recommender.EncodeItems, encode_items(items=items)).code is grpc.StatusCode.UNIMPLEMENTED


def test_one_bad_row_leaves_the_others_alone(recommender):
    rows = [
        customer_pb2.Customer(customer_id="ann"),
        customer_pb2.Customer(customer_id=LONG),
        customer_pb2.Customer(customer_id="stranger"),
        customer_pb2.Customer(customer_id="bob", profile=history(item_ids=["a"], values=[NAN])),
        customer_pb2.Customer(customer_id="bob"),
    ]
    reply = recommender.BatchRecommend(batch(customers=rows, require_known=True), timeout=10.0)
    assert [result.status.code for result in reply.results] == [
        code_pb2.OK,
        code_pb2.INVALID_ARGUMENT,
        code_pb2.NOT_FOUND,
        code_pb2.INVALID_ARGUMENT,
        code_pb2.OK,
    ]
    assert [result.HasField("list") for result in reply.results] == [True, False, False, False, True]
    (violation,) = unpack(reply.results[1].status)["BadRequest"].field_violations
    assert violation.field == "customer_id"
    assert unpack(reply.results[2].status)["ResourceInfo"].resource_name == "stranger"
    assert reply.results[0].list.impression_id != reply.results[4].list.impression_id


def test_a_batch_of_bad_rows_is_still_an_answer(recommender):
    reply = recommender.BatchRecommend(batch(customers=[customer_pb2.Customer(customer_id=LONG)]), timeout=10.0)
    assert reply.results[0].status.code == code_pb2.INVALID_ARGUMENT


BUILT = ("Recommend", "BatchRecommend", "SimilarItems", "SimilarCustomers", "Score", "EncodeCustomers", "EncodeItems")


@pytest.mark.parametrize("name", BUILT)
def test_an_unknown_model_is_not_found(recommender, name):
    valid = VALID[f"shortlist.v1.RecommenderService.{name}"]
    request = type(valid)()
    request.CopyFrom(valid)
    request.model = "no such model"
    found = refusal(getattr(recommender, name), request)
    assert (found.code, found.reason) == (NOT_FOUND, "UNKNOWN_MODEL")
    request.model = "default"
    request.placement = "checkout"
    found = refusal(getattr(recommender, name), request)
    assert (found.code, found.reason) == (NOT_FOUND, "UNKNOWN_PLACEMENT")
    for placement in ("default", "home"):
        request.placement = placement
        getattr(recommender, name)(request, timeout=10.0)


def test_an_unknown_version_is_not_found(models):
    models.DescribeModel(model_service_pb2.DescribeModelRequest(version="stable"), timeout=10.0)
    found = refusal(models.DescribeModel, model_service_pb2.DescribeModelRequest(version="v0"))
    assert (found.code, found.reason) == (NOT_FOUND, "UNKNOWN_MODEL")


UNBUILT = (
    "ModelService.LoadModel",
    "ModelService.PromoteModel",
    "ModelService.RollbackModel",
)


@pytest.mark.parametrize("feature", UNBUILT)
def test_what_is_not_built_says_so(live, feature):
    name = f"shortlist.v1.{feature}"
    method = METHODS[name]
    kinds = ("stream" if method.client_streaming else "unary", "stream" if method.server_streaming else "unary")
    call = getattr(live, "_".join(kinds))(f"/shortlist.v1.{feature.replace('.', '/')}")
    raw = VALID[name].SerializeToString()
    request = iter([raw]) if method.client_streaming else raw
    found = refusal(lambda *given, **options: _answer(call(*given, **options)), request)
    assert found.code is grpc.StatusCode.UNIMPLEMENTED
    assert found.details["ErrorInfo"].reason == "FEATURE_OFF"
    assert found.details["ErrorInfo"].metadata["feature"] == feature


def _answer(call):
    return next(call) if hasattr(call, "__next__") else call


def test_a_switched_off_feature_says_so():
    with serving(FakePipeline(), replace(SETTINGS, encode_api=False)) as (_, channel):
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        for call, request in ((stub.EncodeCustomers, encode_customers()), (stub.EncodeItems, encode_items())):
            found = refusal(call, request)
            assert (found.code, found.reason) == (grpc.StatusCode.UNIMPLEMENTED, "FEATURE_OFF")
            assert "--encode-api" in found.text


def test_without_a_bundle_calls_are_told_when_to_come_again():
    with serving(None) as (server, channel):
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        found = refusal(stub.Recommend, recommend())
        assert (found.code, found.reason) == (grpc.StatusCode.UNAVAILABLE, "NOT_READY")
        assert found.details["RetryInfo"].retry_delay.ToTimedelta().total_seconds() == 1.0
        server.put(FakePipeline())
        assert stub.Recommend(recommend(), timeout=10.0).item_ids


def test_too_many_at_once_are_told_when_to_come_again():
    pipeline = FakePipeline()
    with serving(pipeline, replace(SETTINGS, threads=1, waiting=1)) as (_, channel):
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        with pipeline.held():
            calls = [stub.Recommend.future(recommend(), timeout=60.0) for _ in range(8)]
            until(lambda: sum(call.done() for call in calls) == 6)
        errors = [refusal_of(call.exception()) for call in calls if call.exception()]
    assert len(errors) == 6
    for found in errors:
        assert (found.code, found.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
        delay = found.details["RetryInfo"].retry_delay.ToTimedelta().total_seconds()
        assert 0.0 < delay <= 1.0
        assert int(found.trailers["grpc-retry-pushback-ms"]) == round(1000 * delay)


def heard(channel):
    """Wait until the server has heard what was said so far: one connection keeps the order."""
    models = model_service_pb2_grpc.ModelServiceStub(channel)
    models.ListModels(model_service_pb2.ListModelsRequest(), timeout=60.0)


def test_a_deadline_that_passes_in_the_queue_costs_no_work():
    pipeline = FakePipeline()
    with serving(pipeline, replace(SETTINGS, threads=1)) as (_, channel):
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        with pipeline.held():
            first = stub.Recommend.future(recommend(), timeout=60.0)
            until(lambda: pipeline.running == 1)
            found = refusal(stub.Recommend, recommend(), timeout=0.05)
            assert found.code is grpc.StatusCode.DEADLINE_EXCEEDED
            heard(channel)
        first.result()
        assert stub.Recommend(recommend(), timeout=10.0)
    assert len(pipeline.requests) == 2


def test_a_caller_who_left_the_queue_costs_no_work():
    pipeline = FakePipeline()
    with serving(pipeline, replace(SETTINGS, threads=1)) as (server, channel):
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        with pipeline.held():
            first = stub.Recommend.future(recommend(), timeout=60.0)
            until(lambda: pipeline.running == 1)
            second = stub.Recommend.future(recommend(), timeout=60.0)
            until(lambda: server.admission.queued == 1)
            second.cancel()
            heard(channel)
        first.result()
        until(lambda: server.admission.running == 0)
    assert len(pipeline.requests) == 1


def test_a_defect_is_told_to_the_log_alone(recommender, caplog):
    found = refusal(recommender.Recommend, recommend(customer_id="defect"), metadata=(("x-request-id", "mine-7"),))
    assert found.code is grpc.StatusCode.INTERNAL
    assert found.text == "the server failed to answer; its log tells why under the request id"
    assert found.details["RequestInfo"].request_id == found.trailers["x-request-id"] == "mine-7"
    assert SECRET not in repr(found)
    assert "mine-7" in caplog.text
    assert SECRET in caplog.text


def test_a_defect_without_a_callers_id_gets_one(recommender, caplog):
    found = refusal(recommender.Recommend, recommend(customer_id="defect"))
    assert len(found.details["RequestInfo"].request_id) == 32
    assert found.details["RequestInfo"].request_id in caplog.text


def test_an_error_of_the_callers_leaves_no_trace_in_the_log(recommender, caplog):
    refusal(recommender.Recommend, recommend(k=0))
    assert not caplog.records


def test_a_list_says_all_there_is_to_say(recommender):
    reply = recommender.Recommend(recommend(exclude_item_ids=["cheese"]), timeout=10.0)
    assert list(reply.item_ids) == ["apple", "bread"]
    assert list(reply.scores) == [2.0, 1.0]
    assert list(reply.source_masks) == [3, 3]
    assert list(reply.sources) == ["two_tower", "popular"]
    assert [explanation.sources[0].source for explanation in reply.explanations] == ["popular", "popular"]
    assert reply.bundle == reply_pb2.Bundle(model="default", version="v1", id="b" * 16)
    assert len(bytes.fromhex(reply.impression_id)) == 16
    assert (reply.as_of, reply.clock) == (1.5e9, reply_pb2.CLOCK_REQUEST)
    assert reply.candidate_count == 3
    assert {timing.stage: timing.milliseconds for timing in reply.timings} == {"resolve": 0.1, "rerank": 0.2}


def test_what_was_not_asked_for_is_not_sent(recommender):
    reply = recommender.Recommend(recommend_pb2.RecommendRequest(customer_id="ann"), timeout=10.0)
    assert not reply.timings
    assert not reply.explanations
    assert not reply.propensities
    assert len(reply.item_ids) == 3


def test_vectors_arrive_row_after_row(recommender):
    customers = [customer_pb2.Customer(customer_id=name) for name in ("ann", "", "")]
    reply = recommender.EncodeCustomers(encode_customers(customers=customers), timeout=10.0)
    assert (reply.embedding_size, len(reply.vectors)) == (4, 12)
    assert list(reply.known) == [True, False, False]
    assert np.array_equal(np.array(reply.vectors), np.arange(12))
    assert (reply.as_of, reply.clock) == (1.5e9, reply_pb2.CLOCK_REQUEST)
    items = recommender.EncodeItems(encode_items(), timeout=10.0)
    assert (list(items.vectors), list(items.known)) == ([0.0, 1.0, 2.0, 3.0], [True])


def test_the_other_answers(recommender):
    near = recommender.SimilarItems(similar(), timeout=10.0)
    assert (list(near.item_ids), list(near.scores), near.space) == (["bread", "cheese"], [0.5, 0.5], "two_tower")
    people = recommender.SimilarCustomers(similar_customers(), timeout=10.0)
    assert (list(people.customer_ids), list(people.scores), people.known_customer) == (["bob"], [0.5], True)
    assert (people.as_of, people.clock) == (1.5e9, reply_pb2.CLOCK_REQUEST)
    scored = recommender.Score(score(), timeout=10.0)
    assert (list(scored.item_ids), list(scored.scores)) == (["apple", "bread"], [4.5, 4.5])
    assert scored.kind == score_pb2.SCORE_KIND_RATING


def test_models_are_described_and_listed(models):
    description = models.DescribeModel(model_service_pb2.DescribeModelRequest(), timeout=10.0)
    assert description.bundle == reply_pb2.Bundle(model="default", version="v1", id="b" * 16)
    assert {column.name: column.kind for column in description.item_attributes} == {
        "department": "category",
        "organic": "flag",
    }
    assert [column.name for column in description.customer_features] == ["age"]
    assert [column.name for column in description.context] == ["device"]
    assert (description.item_count, description.customer_count, description.embedding_size) == (3, 2, 4)
    assert description.log_end == 1.5e9
    assert dict(description.metrics) == {"ndcg@10": 0.25}
    assert list(description.aliases) == ["stable"]
    assert list(description.needs_sources) == ["knowledge"]
    default, home = description.placements
    assert (default.name, home.name) == ("default", "home")
    assert default.diversity == policy_pb2.Diversity(method="DIVERSITY_METHOD_NONE", strength=0.0, serendipity=0.0)
    assert home.diversity == policy_pb2.Diversity(
        method="DIVERSITY_METHOD_CALIBRATION",
        strength=0.5,
        serendipity=0.25,
        caps={"department": 2},
        quotas=[policy_pb2.Quota(attribute="department", value="food", at_least=1)],
        calibrate="department",
    )
    assert list(default.sources) == []
    assert list(home.sources) == [
        policy_pb2.SourceWeight(source="content", quota=2),
        policy_pb2.SourceWeight(source="popularity", weight=0.5),
    ]
    (model,) = models.ListModels(model_service_pb2.ListModelsRequest(), timeout=10.0).models
    assert (model.model, list(model.versions), dict(model.aliases)) == ("default", ["v1"], {"stable": "v1"})


def test_a_placement_that_a_description_names_must_exist(models):
    models.DescribeModel(model_service_pb2.DescribeModelRequest(placement="home"), timeout=10.0)
    found = refusal(models.DescribeModel, model_service_pb2.DescribeModelRequest(placement="checkout"))
    assert (found.code, found.reason) == (NOT_FOUND, "UNKNOWN_PLACEMENT")


@pytest.mark.parametrize("changes", [{"page_size": 1_001}, {"page_token": "2"}])
def test_there_is_one_page_of_models(models, changes):
    found = refusal(models.ListModels, model_service_pb2.ListModelsRequest(**changes))
    assert (found.code, found.fields) == (INVALID, list(changes))


def test_a_server_of_another_model_wants_it_named():
    with serving(FakePipeline(model="grocery")) as (_, channel):
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        assert refusal(stub.Recommend, recommend(model="")).code is NOT_FOUND
        assert stub.Recommend(recommend(model="grocery"), timeout=10.0).item_ids
