"""Stated needs: musts that hold for every source, wishes that order, and what is said where nothing fits."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import (
    CUSTOMERS,
    ITEMS,
    RATINGS,
    bare_model,
    customer,
    embedding_ratings,
    equal,
    item,
    model_of,
    pipeline_of,
)

from shortlist_bundle.filters.conditions import Equals, Flag
from shortlist_bundle.knowledge.wishes import Direction, Near, Wanted, Wish
from shortlist_server.errors import InvalidRequest, PipelineError, UnknownAttribute
from shortlist_server.pipeline.musts import NEEDS_RELAXED, NEEDS_UNMET
from shortlist_server.pipeline.needs import Must, Needs, WishMet
from shortlist_server.pipeline.pipeline import SHORT_LIST
from shortlist_server.pipeline.request import Profile, RecommendRequest, Seen

PIPELINE = pipeline_of()
SOURCES = (*PIPELINE.served.engine.retriever.signals.sources, "knowledge")
ALONE = {"knowledge": 1.0}
# Item n costs n / 2, is milk, nuts or bread by what n leaves when divided by 3, and organic where 5 divides n; nothing
# is known of item 7.
MILK = Wish("kind", Wanted(("milk",)))
ORGANIC = Wish("organic", Wanted((True,)))
AROUND_TEN = Wish("price", Near(10.0, 1.0))


def must(name, value):
    return Must(condition=Equals(name, value), text=f"{name} = {value}")


def one(request, pipeline=PIPELINE):
    (answer,) = pipeline.recommend([request])
    if isinstance(answer, PipelineError):
        raise answer
    return answer


def asked(*wishes, musts=(), k=5, sources=(), **settings):
    needs = Needs(wishes=wishes, musts=musts, **settings)
    return RecommendRequest(needs=needs, k=k, sources=dict(sources), explain=True)


def numbers(answer):
    return [int(one[1:]) for one in answer.item_ids]


def test_an_item_that_meets_every_wish_is_first_for_somebody_of_whom_nothing_is_known():
    # Of milk, which 3 divides, 18 costs 9 and 21 costs 10.50; 15 and 24 are too far from 10.
    answer = one(asked(MILK, AROUND_TEN, sources=ALONE))
    assert set(numbers(answer)[:2]) == {18, 21}
    assert answer.scores[:2] == [1.0, 1.0]
    assert answer.scores[2] < 1.0
    assert not answer.known_customer
    assert answer.fallbacks == ("cold_start:needs",)


def test_beside_the_other_sources_it_is_first_where_the_wishes_decide():
    answer = one(asked(MILK, AROUND_TEN, weight=1.0))
    assert set(numbers(answer)[:2]) == {18, 21}
    assert answer.fallbacks == ("cold_start:needs",)


def test_weights_decide():
    near = Wish("price", Near(1.0, 0.1), 1.0)
    for weight, first in ((100.0, 15), (0.01, 2)):
        answer = one(asked(near, replace(ORGANIC, weight=weight), replace(MILK, weight=weight), sources=ALONE))
        assert numbers(answer)[0] == first


def test_what_else_is_known_of_a_stranger_is_said():
    request = replace(asked(MILK), profile=Profile(features={"age": 30}))
    assert one(request).fallbacks == ("cold_start:features+needs",)
    assert one(replace(request, customer_id=customer(2))).fallbacks == ()


def test_as_cheap_as_possible_is_the_order_of_prices():
    answer = one(asked(Wish("price", Direction.LOWEST), sources=ALONE, k=ITEMS))
    assert numbers(answer)[:-2] == [n for n in range(1, ITEMS) if n != 7]
    # The dearest, and the one of which no price is known.
    assert set(numbers(answer)[-2:]) == {ITEMS, 7}
    answer = one(asked(Wish("price", Direction.HIGHEST), sources=ALONE, k=ITEMS))
    assert numbers(answer)[:-2] == [n for n in range(ITEMS, 1, -1) if n != 7]
    assert set(numbers(answer)[-2:]) == {1, 7}


def test_an_explanation_says_which_wishes_an_item_meets():
    answer = one(asked(MILK, AROUND_TEN, ORGANIC, Wish("tags", Wanted(("even",))), sources=ALONE, k=ITEMS))
    met = dict(zip(numbers(answer), answer.wishes_met, strict=True))
    assert met[18] == [
        WishMet(wish=0, attribute="kind", met=True, degree=1.0, value="milk"),
        WishMet(wish=1, attribute="price", met=True, degree=1.0, value=9.0),
        WishMet(wish=2, attribute="organic", met=False, degree=0.0, value=False),
        WishMet(wish=3, attribute="tags", met=True, degree=1.0, value=["even", "third"]),
    ]
    assert met[24][1] == WishMet(wish=1, attribute="price", met=False, degree=0.5, value=12.0)
    assert [one.value for one in met[7]] == [None, None, None, []]
    assert one(replace(asked(MILK), explain=False)).wishes_met == ()


def test_the_source_says_what_it_proposed():
    answer = one(asked(MILK, AROUND_TEN, k=ITEMS))
    assert tuple(answer.sources) == SOURCES
    ranks = [
        {why.source: why for why in reasons.sources}["knowledge"] for reasons in answer.explanations
    ]  # its depth is beyond the catalogue
    assert sorted(why.rank for why in ranks) == list(range(ITEMS))
    ordered = sorted(ranks, key=lambda why: why.rank)
    assert [why.score for why in ordered] == sorted((why.score for why in ranks), reverse=True)
    assert all(mask >> (len(SOURCES) - 1) & 1 for mask in answer.source_masks)
    assert one(asked(MILK, k=ITEMS, sources={"popularity": 1.0})).source_masks != answer.source_masks


def test_sources_that_leave_it_out_propose_alone_and_the_wishes_still_order():
    answer = one(asked(MILK, sources={"popularity": 1.0}, weight=1.0, k=3))
    assert {why.source for reasons in answer.explanations for why in reasons.sources} <= {"popularity"}
    milk = [n % 3 == 0 for n in numbers(answer)]
    assert milk == sorted(milk, reverse=True)


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_the_stated_weight_joins_the_two_orders(weight):
    request = replace(asked(MILK, AROUND_TEN, weight=weight, k=ITEMS), customer_id=customer(2), seen=Seen.INCLUDE)
    plain = one(replace(request, needs=None))
    utility = {
        n: sum(met.degree for met in mets) / 2
        for n, mets in zip(numbers(one(request)), one(request).wishes_met, strict=True)
    }
    low, high = min(plain.scores), max(plain.scores)
    relevance = {n: (score - low) / (high - low) for n, score in zip(numbers(plain), plain.scores, strict=True)}
    answer = one(request)
    for n, score in zip(numbers(answer), answer.scores, strict=True):
        assert score == pytest.approx((1 - weight) * relevance[n] + weight * utility[n], abs=1e-4)
    if weight == 0.0:
        assert answer.item_ids == plain.item_ids


def test_nothing_changes_for_requests_without_needs():
    request = RecommendRequest(customer_id=customer(2), k=5, explain=True)
    alone = one(request)
    together = PIPELINE.recommend([request, asked(MILK), request])
    assert together[0].item_ids == together[2].item_ids == alone.item_ids
    assert tuple(alone.sources) == SOURCES[:-1]
    assert alone.wishes_met == alone.relaxations == ()


WISHES = st.lists(
    st.sampled_from([MILK, ORGANIC, AROUND_TEN, Wish("since", Direction.HIGHEST), Wish("tags", Wanted(("third",)))]),
    max_size=3,
)
MUSTS = st.lists(
    st.sampled_from([must("kind", "milk"), must("organic", True), must("tags", "even"), must("price", 3.0)]), max_size=3
)
REQUESTS = st.builds(
    lambda wishes, musts, weight, relax, name, **others: RecommendRequest(
        needs=Needs(wishes=tuple(wishes), musts=tuple(musts), weight=weight, relax=relax),
        sources=dict.fromkeys(name, 1.0),
        **others,
    ),
    WISHES,
    MUSTS,
    st.sampled_from([0.0, 0.5, 1.0]),
    st.booleans(),
    st.sampled_from([(), ("knowledge",), ("knowledge", "item_cf"), ("popularity",)]),
    customer_id=st.none() | st.sampled_from([customer(n) for n in range(1, CUSTOMERS + 2)]),
    k=st.integers(1, ITEMS + 5),
    filter=st.sampled_from([None, None, equal(kind="nuts"), Flag("organic", False)]),
    exclude_items=st.lists(st.sampled_from([item(n) for n in range(1, ITEMS + 1)]), max_size=20),
    seen=st.sampled_from([Seen.INCLUDE, Seen.EXCLUDE]),
    explain=st.booleans(),
)


def fits(request, condition):
    mask = PIPELINE.served.catalogue.matching(condition).mask
    return {item(n) for n in np.flatnonzero(mask)}


def base(request):
    everything = one(replace(request, needs=None, sources={}, k=ITEMS, explain=False))
    return set(everything.item_ids)


@settings(max_examples=150, deadline=None)
@given(REQUESTS)
def test_musts_are_never_broken_and_k_items_come_back_whenever_k_exist(request):
    if not request.needs.musts and not request.needs.wishes:
        request = replace(request, needs=Needs(wishes=(MILK,)))
    answer = one(request)
    allowed = base(request)
    musts = request.needs.musts
    if answer.fallbacks and NEEDS_RELAXED in answer.fallbacks:
        given_up = set(answer.relaxations[0].musts)
        assert answer.relaxations[0].items == len(
            set.intersection(
                allowed, *(fits(request, must.condition) for n, must in enumerate(musts) if n not in given_up)
            )
        )
        musts = [must for n, must in enumerate(musts) if n not in given_up]
    fitting = set.intersection(allowed, *(fits(request, must.condition) for must in musts))
    assert set(answer.item_ids) <= fitting
    assert len(answer.item_ids) == min(request.k, len(fitting))
    assert bool(answer.relaxations) == (
        bool(allowed)
        and not set.intersection(allowed, *(fits(request, must.condition) for must in request.needs.musts))
    )
    assert list(answer.scores) == sorted(answer.scores, reverse=True)
    assert np.isfinite(answer.scores).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(REQUESTS, min_size=1, max_size=6))
def test_a_batch_answers_as_each_request_alone(requests):
    requests = [one for one in requests if one.needs.musts or one.needs.wishes]
    for request, together in zip(requests, PIPELINE.recommend(requests), strict=True):
        alone = one(request)
        assert together.item_ids == alone.item_ids
        np.testing.assert_allclose(together.scores, alone.scores, atol=1e-5)
        same = ("source_masks", "sources", "fallbacks", "relaxations", "wishes_met", "candidates")
        assert all(getattr(together, name) == getattr(alone, name) for name in same)


def test_what_to_give_up_is_said_and_the_list_stays_empty():
    musts = (must("kind", "milk"), must("kind", "nuts"), must("organic", True))
    answer = one(asked(musts=musts))
    assert list(answer.item_ids) == []
    assert answer.fallbacks == ("cold_start:needs", NEEDS_UNMET, SHORT_LIST)
    # 10, 25 and 15, 30 are organic; nuts leave 1 when divided by 3. Item 7 is of no kind.
    assert [(one.musts, one.items, one.text) for one in answer.relaxations] == [
        ((0,), 2, "without `kind = milk` there are 2"),
        ((1,), 2, "without `kind = nuts` there are 2"),
    ]


def test_the_list_under_the_best_relaxation_says_so():
    musts = (must("kind", "milk"), must("kind", "nuts"), must("organic", True))
    answer = one(asked(MILK, musts=musts, relax=True))
    assert set(numbers(answer)) == {10, 25}
    assert answer.fallbacks == ("cold_start:needs", NEEDS_RELAXED, SHORT_LIST)
    assert answer.relaxations[0].musts == (0,)


def test_a_filter_is_never_given_up():
    request = replace(asked(musts=(must("kind", "milk"),), relax=True), filter=equal(kind="nuts", organic=True))
    answer = one(request)
    assert set(numbers(answer)) == {10, 25}
    nothing = one(replace(request, filter=equal(kind="wine")))
    assert nothing.relaxations == ()
    assert nothing.fallbacks == ("cold_start:needs", SHORT_LIST)


def test_one_item_is_said_in_the_singular():
    answer = one(asked(musts=(must("price", 3.0), must("kind", "nuts"))))
    assert "without `kind = nuts` there is 1" in [one.text for one in answer.relaxations]


@pytest.mark.parametrize(
    ("request_", "error", "path"),
    [
        (asked(Wish("colour", Wanted(("red",)))), UnknownAttribute, "needs.wishes[0].attribute"),
        (asked(MILK, Wish("kind", Near(1.0))), InvalidRequest, "needs.wishes[1]"),
        (
            asked(musts=(must("kind", "milk"), must("colour", "red"))),
            UnknownAttribute,
            "needs.musts[1].equals.attribute",
        ),
        (asked(musts=(must("price", "cheap"),)), InvalidRequest, "needs.musts[0].equals.value"),
        (RecommendRequest(sources=ALONE), InvalidRequest, "sources"),
        (
            RecommendRequest(needs=Needs(musts=(must("kind", "milk"),)), sources={"weather": 1.0}),
            InvalidRequest,
            "sources",
        ),
    ],
)
def test_needs_that_cannot_be_meant_name_the_path_and_leave_others_alone(request_, error, path):
    bad, good = PIPELINE.recommend([request_, RecommendRequest(k=3)])
    assert type(bad) is error
    assert [violation.field for violation in bad.violations] == [path]
    assert len(good.item_ids) == 3


@pytest.mark.parametrize("kind", RATINGS)
@pytest.mark.parametrize("engine", [True, False])
@pytest.mark.parametrize("sources", [{}, ALONE])
def test_a_bundle_of_ratings_takes_needs_too(kind, engine, sources):
    pipeline = pipeline_of(model_of(ratings=RATINGS[kind](), engine=engine, by_rating=True))
    answer = one(asked(MILK, AROUND_TEN, weight=1.0, k=ITEMS, sources=sources), pipeline)
    assert set(numbers(answer)[:2]) == {18, 21}
    assert len(answer.item_ids) == ITEMS
    assert answer.sources[-1] == "knowledge"
    assert all(mask >> (len(answer.sources) - 1) & 1 for mask in answer.source_masks)
    assert all(reasons.sources[-1].source == "knowledge" for reasons in answer.explanations)


def test_among_equals_the_more_often_taken_comes_first():
    model = model_of()
    taken = model.engine.retriever.counts.cumulative[-1]
    milk = [n for n in range(1, ITEMS + 1) if n % 3 == 0]
    answer = one(asked(MILK, sources=ALONE, k=len(milk)), pipeline_of(model))
    assert numbers(answer) == sorted(milk, key=lambda n: (-taken[n], n))


def test_without_attributes_there_is_nothing_to_wish_for():
    with pytest.raises(UnknownAttribute):
        one(asked(MILK), pipeline_of(bare_model()))
    by_rating = model_of(ratings=embedding_ratings(), engine=False, by_rating=True)
    assert one(RecommendRequest(k=3), pipeline_of(by_rating)).sources == ()
