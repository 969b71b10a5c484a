"""Quotas of sources through the whole pipeline: what the request says, what the policy says, what the reply admits."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import CUSTOMERS, ITEMS, RATINGS, customer, item, model_of, pipeline_of

from shortlist_bundle.diversity.settings import Quota
from shortlist_bundle.filters.conditions import Equals
from shortlist_bundle.knowledge.wishes import Wanted, Wish
from shortlist_bundle.policy import Placement
from shortlist_bundle.shares import SourceShare
from shortlist_server.errors import InvalidRequest, PipelineError
from shortlist_server.pipeline.needs import Needs
from shortlist_server.pipeline.request import DiversityRequest, RecommendRequest, Seen

MODEL = model_of()
MODEL.engine.depths = {
    True: {**MODEL.engine.depths[True], "content": 0},
    False: {**MODEL.engine.depths[False], "content": 0},
}
"""Content proposes nothing unless it is asked to."""
PIPELINE = pipeline_of(MODEL)
SOURCES = MODEL.engine.retriever.signals.sources
MISSED = "source_quota_missed"
MILK = Needs(wishes=(Wish("kind", Wanted(("milk",))),))

QUOTAS = st.dictionaries(st.sampled_from(SOURCES), st.integers(1, 3), max_size=3)
WEIGHTS = st.dictionaries(st.sampled_from(SOURCES), st.sampled_from([0.0, 0.5, 1.0]), max_size=3)
CONDITIONS = st.fixed_dictionaries(
    {
        "customer_id": st.integers(1, CUSTOMERS + 1).map(customer),
        "seen": st.sampled_from(Seen),
        "filter": st.sampled_from([None, Equals("kind", "milk"), Equals("organic", True)]),
        "exclude_items": st.sets(st.integers(1, ITEMS), max_size=5).map(lambda rows: tuple(map(item, sorted(rows)))),
        "diversity": st.sampled_from(
            [
                DiversityRequest(),
                DiversityRequest(method="mmr", strength=0.8),
                DiversityRequest(method="dpp", strength=0.5),
                DiversityRequest(serendipity=0.5),
                DiversityRequest(quotas=(Quota(attribute="kind", value="nuts"),)),
            ]
        ),
        "needs": st.sampled_from([None, MILK]),
    }
)


def one(pipeline=PIPELINE, **fields):
    (answer,) = pipeline.recommend([RecommendRequest(**fields)])
    if isinstance(answer, PipelineError):
        raise answer
    return answer


def of(source, answer):
    """Return which items of a list a source proposed."""
    bit = 1 << list(answer.sources).index(source)
    return [one for one, mask in zip(answer.item_ids, answer.source_masks, strict=True) if mask & bit]


def known(source, **conditions):
    """Return how many of the allowed items a source can propose at all."""
    return len(of(source, one(k=ITEMS, sources={source: 1.0}, **{**conditions, "diversity": DiversityRequest()})))


@settings(max_examples=150)
@given(CONDITIONS, WEIGHTS, QUOTAS, st.integers(10, 14))
def test_a_quota_is_kept_wherever_the_source_has_enough_to_propose(conditions, weights, quotas, k):
    answer = one(k=k, sources=weights, source_quotas=quotas, **conditions)
    allowed = len(one(k=ITEMS, **conditions).item_ids)
    assert len(answer.item_ids) == len(set(answer.item_ids)) == min(k, allowed)
    held = {source: len(of(source, answer)) for source in quotas}
    for source, quota in quotas.items():
        assert held[source] >= min(quota, known(source, **conditions))
    assert (MISSED in answer.fallbacks) == any(held[source] < quota for source, quota in quotas.items())


@settings(max_examples=60)
@given(CONDITIONS, WEIGHTS, st.integers(1, 12))
def test_without_quotas_lists_are_as_they_were(conditions, weights, k):
    plain = one(k=k, sources=weights, **conditions)
    same = one(k=k, sources=weights, source_quotas=dict.fromkeys(weights, 0), **conditions)
    assert (same.item_ids, same.scores, same.source_masks) == (plain.item_ids, plain.scores, plain.source_masks)
    assert MISSED not in plain.fallbacks


@settings(max_examples=40)
@given(st.lists(st.tuples(CONDITIONS, WEIGHTS, QUOTAS, st.integers(9, 12)), min_size=1, max_size=5))
def test_a_batch_answers_as_each_alone(rows):
    requests = [RecommendRequest(k=k, sources=w, source_quotas=q, **conditions) for conditions, w, q, k in rows]
    for request, together in zip(requests, PIPELINE.recommend(requests), strict=True):
        (alone,) = PIPELINE.recommend([request])
        assert (together.item_ids, together.fallbacks) == (alone.item_ids, alone.fallbacks)
        np.testing.assert_allclose(together.scores, alone.scores, atol=1e-5)


@pytest.mark.parametrize("number", [1, 2, 4, 5])
def test_the_best_of_a_source_takes_its_place_and_the_order_stays_that_of_the_scores(number):
    plain = one(customer_id=customer(number), k=6)
    assert not of("content", plain)
    answer = one(customer_id=customer(number), k=6, source_quotas={"content": 2}, explain=True)
    assert list(answer.scores) == sorted(answer.scores, reverse=True)
    # As many as there are candidates: a longer list would get more of them.
    every = one(customer_id=customer(number), k=answer.candidates, source_quotas={"content": 2})
    assert of("content", answer)[:2] == of("content", every)[:2]
    # What is not reserved is the best of all others.
    rest = [name for name in every.item_ids if name not in of("content", every)[:2]]
    assert [name for name in answer.item_ids if name not in of("content", every)[:2]] == rest[:4]


def test_a_list_shorter_than_its_quotas_holds_the_first_and_says_so():
    answer = one(customer_id=customer(2), k=1, source_quotas={"content": 1, "own_past": 1})
    assert len(answer.item_ids) == 1
    assert of("content", answer)


def test_a_source_with_nothing_to_say_is_admitted():
    # Of customer 6 nothing is known that could be like anything.
    answer = one(customer_id=customer(6), k=5, source_quotas={"own_past": 1})
    assert len(answer.item_ids) == 5
    assert MISSED in answer.fallbacks


def test_caps_go_before_quotas_of_sources():
    wanted = {"sources": {"popularity": 1.0}, "source_quotas": {"content": 4}}
    free = one(customer_id=customer(2), k=4, filter=Equals("kind", "milk"), **wanted)
    assert len(of("content", free)) == 4
    capped = DiversityRequest(caps=(("kind", 1),))
    answer = one(customer_id=customer(2), k=4, filter=Equals("kind", "milk"), diversity=capped, **wanted)
    assert len(answer.item_ids) == 4
    assert "cap_exceeded" in answer.fallbacks
    assert (MISSED in answer.fallbacks) == (len(of("content", answer)) < 4)


def placed(**sources):
    shares = tuple(SourceShare(source=name, weight=w, quota=q) for name, (w, q) in sorted(sources.items()))
    return pipeline_of(replace(MODEL, policy=replace(MODEL.policy, placements={"home": Placement(sources=shares)})))


def test_a_placement_names_sources_and_a_request_replaces_them_as_a_whole():
    pipeline, fields = placed(popularity=(1.0, 0), content=(0.0, 2)), {"customer_id": customer(2), "k": 6}
    home = one(pipeline, placement="home", **fields)
    said = one(sources={"popularity": 1.0}, source_quotas={"content": 2}, **fields)
    assert (home.item_ids, home.source_masks) == (said.item_ids, said.source_masks)
    assert one(pipeline, **fields).item_ids == one(**fields).item_ids
    for named in ({"sources": {"item_cf": 1.0}}, {"sources": {"popularity": 0.0}}, {"source_quotas": {"own_past": 1}}):
        assert one(pipeline, placement="home", **named, **fields).item_ids == one(**named, **fields).item_ids


def test_a_placement_may_name_the_wishes_of_those_who_state_some():
    pipeline = placed(popularity=(1.0, 0), knowledge=(1.0, 1))
    plain = one(pipeline, placement="home", customer_id=customer(2), k=4)
    assert plain.item_ids == one(customer_id=customer(2), k=4, sources={"popularity": 1.0}).item_ids
    wished = one(pipeline, placement="home", customer_id=customer(2), k=4, needs=MILK)
    assert of("knowledge", wished)
    assert MISSED not in wished.fallbacks


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_wishes_order_and_quotas_are_kept(weight):
    needs = replace(MILK, weight=weight)
    for quotas in ({"content": 2}, {"knowledge": 2}, {"content": 1, "knowledge": 1}):
        answer = one(customer_id=customer(2), k=4, needs=needs, source_quotas=quotas, explain=True)
        assert all(len(of(source, answer)) >= quota for source, quota in quotas.items())
        assert list(answer.scores) == sorted(answer.scores, reverse=True)
        assert MISSED not in answer.fallbacks


def test_what_the_bundle_does_not_have_is_refused():
    with pytest.raises(InvalidRequest, match="sources: the bundle has no source 'weather'; it has own_past, "):
        one(source_quotas={"weather": 1})
    with pytest.raises(InvalidRequest, match="sources: 'knowledge' needs the request's `needs`"):
        one(source_quotas={"knowledge": 1})


def test_ratings_rank_every_item_without_asking_a_source():
    pipeline = pipeline_of(model_of(ratings=RATINGS["embedding"](), by_rating=True))
    answer = one(pipeline, customer_id=customer(2), k=5, source_quotas={"content": 1})
    assert answer.item_ids == one(pipeline, customer_id=customer(2), k=5).item_ids
    assert MISSED in answer.fallbacks
