"""Varied lists through the whole pipeline: what the request says, what the policy says, what the reply admits."""

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
    item,
    model_of,
    pipeline_of,
    stepped_calibration,
)

from shortlist_bundle.diversity.settings import STRENGTHS, Diversity, Quota
from shortlist_bundle.diversity.trade import BY_SHARES, Trade
from shortlist_bundle.filters.conditions import Equals
from shortlist_bundle.knowledge.wishes import Near, Wish
from shortlist_bundle.policy import Placement
from shortlist_server.errors import InvalidRequest, PipelineError, UnknownAttribute, UnknownPlacement
from shortlist_server.pipeline.needs import Needs
from shortlist_server.pipeline.request import DiversityRequest, RecommendRequest, Seen
from shortlist_server.pipeline.variety import Variety, merged

PIPELINE = pipeline_of()
MODEL = PIPELINE.served
KINDS = MODEL.catalogue.attributes["kind"]

SHARES = st.none() | st.sampled_from([0.0, 0.3, 1.0])
DIVERSITIES = st.builds(
    lambda caps, **rest: DiversityRequest(caps=tuple(sorted(caps.items())), **rest),
    method=st.sampled_from(["mmr", "dpp", "calibration", "max_sum", "none"]),
    strength=st.just(0.0) | st.none(),
    serendipity=SHARES,
    caps=st.dictionaries(st.sampled_from(["kind", "tags"]), st.integers(1, 5), max_size=2),
    quotas=st.sampled_from([(), (Quota(attribute="kind", value="milk"),), (Quota(attribute="kind", value="wine"),)]),
    calibrate=st.sampled_from(["", "kind"]),
) | st.builds(
    DiversityRequest, method=st.sampled_from(["mmr", "dpp", "calibration", "max_sum"]), strength=st.floats(0, 1)
)


def one(pipeline=PIPELINE, **fields):
    (answer,) = pipeline.recommend([RecommendRequest(**fields)])
    if isinstance(answer, PipelineError):
        raise answer
    return answer


def kinds(answer):
    words = KINDS.values.ids(KINDS.codes[MODEL.items.rows(answer.item_ids)])
    return [word for word in words if word]


@settings(max_examples=150)
@given(DIVERSITIES, st.integers(1, CUSTOMERS), st.integers(1, ITEMS + 3), st.sampled_from(Seen))
def test_a_varied_list_has_k_items_that_bear_their_own_scores(diversity, number, k, seen):
    fields = {"customer_id": customer(number), "seen": seen}
    plain = one(k=ITEMS, **fields)
    answer = one(k=k, diversity=diversity, **fields)
    assert len(answer.item_ids) == len(set(answer.item_ids)) == min(k, len(plain.item_ids))
    own = dict(zip(plain.item_ids, plain.scores, strict=True))
    shared = [(one, score) for one, score in zip(answer.item_ids, answer.scores, strict=True) if one in own]
    # Which sources proposed an item depends on how many candidates k asks for, so most scores agree, not all.
    assert np.mean([abs(own[one] - score) < 1e-4 for one, score in shared]) > 0.5
    assert answer.candidates >= len(answer.item_ids)


@settings(max_examples=60)
@given(st.lists(st.tuples(DIVERSITIES, st.integers(1, CUSTOMERS), st.integers(1, 12)), min_size=1, max_size=6))
def test_a_batch_of_varied_lists_answers_as_each_alone(rows):
    requests = [RecommendRequest(customer_id=customer(n), k=k, diversity=diversity) for diversity, n, k in rows]
    for request, together in zip(requests, PIPELINE.recommend(requests), strict=True):
        (alone,) = PIPELINE.recommend([request])
        assert together.item_ids == alone.item_ids
        assert together.fallbacks == alone.fallbacks
        np.testing.assert_allclose(together.scores, alone.scores, atol=1e-5)


@pytest.mark.parametrize("method", STRENGTHS)
def test_strength_0_is_the_list_without_diversity(method):
    plain = one(customer_id=customer(2), k=12, explain=True)
    answer = one(customer_id=customer(2), k=12, explain=True, diversity=DiversityRequest(method=method, strength=0.0))
    assert (answer.item_ids, answer.scores, answer.explanations) == (plain.item_ids, plain.scores, plain.explanations)
    assert "diversify" not in answer.timings_ms


@pytest.mark.parametrize("method", ["mmr", "dpp"])
def test_strength_1_has_every_kind_in_the_first_places(method):
    answer = one(customer_id=customer(2), k=6, diversity=DiversityRequest(method=method, strength=1.0))
    assert set(kinds(answer)) == {"bread", "milk", "nuts"}
    assert "diversify" in answer.timings_ms


def test_reasons_belong_to_the_items_of_the_varied_list():
    diversity = DiversityRequest(method="mmr", strength=1.0)
    answer = one(customer_id=customer(2), k=8, explain=True, diversity=diversity)
    plain = one(customer_id=customer(2), k=8, explain=True)
    why = dict(zip(plain.item_ids, plain.explanations, strict=True))
    both = [(name, reasons) for name, reasons in zip(answer.item_ids, answer.explanations, strict=True) if name in why]
    assert both
    assert all(reasons.sources == why[name].sources for name, reasons in both)
    for mask, reasons in zip(answer.source_masks, answer.explanations, strict=True):
        assert bin(mask).count("1") == len(reasons.sources)


def test_reasons_say_by_how_many_places_an_item_was_moved():
    model, asked = PIPELINE.served, {"customer_id": customer(2), "explain": True}
    plain = one(**asked, k=len(model.items) - 1)
    answer = one(**asked, k=8, diversity=DiversityRequest(method="mmr", strength=1.0))
    moved = [sum(move.ranks for move in why.moves) for why in answer.explanations]
    assert any(moved)
    # The pool that a list is picked from is the order by score of what the sources proposed.
    places = sorted(range(len(answer.item_ids)), key=lambda place: list(plain.item_ids).index(answer.item_ids[place]))
    before = [place + ranks for place, ranks in enumerate(moved)]
    assert places == sorted(places, key=before.__getitem__)
    assert all(move.rule == "diversity" for why in answer.explanations for move in why.moves)
    assert not any(why.moves for why in plain.explanations)


def test_at_most_two_of_a_kind():
    answer = one(customer_id=customer(2), k=6, diversity=DiversityRequest(caps=(("kind", 2),)))
    assert max(kinds(answer).count(kind) for kind in kinds(answer)) <= 2
    assert "cap_exceeded" not in answer.fallbacks
    full = one(customer_id=customer(2), k=9, diversity=DiversityRequest(caps=(("kind", 2),)))
    assert len(full.item_ids) == 9
    assert "cap_exceeded" in full.fallbacks


@pytest.mark.parametrize("number", range(1, CUSTOMERS + 1))
def test_a_quota_brings_candidates_that_no_source_proposed(number):
    """Of one source alone come a few candidates, rarely among them the one item that the quota asks for."""
    for title in ("title 29", "title 11"):
        wanted = DiversityRequest(quotas=(Quota(attribute="title", value=title),))
        answer = one(customer_id=customer(number), k=3, sources={"popularity": 1.0}, diversity=wanted)
        assert item(int(title.split()[1])) in answer.item_ids
        assert answer.fallbacks == ()


def test_a_quota_never_overrules_a_filter():
    wanted = DiversityRequest(quotas=(Quota(attribute="kind", value="milk"),))
    answer = one(customer_id=customer(2), k=3, filter=Equals("kind", "nuts"), diversity=wanted)
    assert set(kinds(answer)) == {"nuts"}
    assert answer.fallbacks == ("quota_missed",)


@pytest.mark.parametrize(
    ("asked", "policy", "found"),
    [
        (DiversityRequest(), Diversity(), Diversity()),
        (DiversityRequest(method="mmr"), Diversity(), Diversity(method="mmr", strength=STRENGTHS["mmr"])),
        (
            DiversityRequest(strength=0.9),
            Diversity(method="dpp", strength=0.2),
            Diversity(method="dpp", strength=0.9),
        ),
        (
            DiversityRequest(method="dpp"),
            Diversity(method="dpp", strength=0.2, caps=(("kind", 2),)),
            Diversity(method="dpp", strength=0.2, caps=(("kind", 2),)),
        ),
        (
            DiversityRequest(method="mmr", caps=(("brand", 1),), serendipity=0.0),
            Diversity(method="dpp", strength=0.2, caps=(("kind", 2),), serendipity=0.4, calibrate="kind"),
            Diversity(method="mmr", strength=STRENGTHS["mmr"], caps=(("brand", 1),), calibrate="kind"),
        ),
        (
            DiversityRequest(method="none", caps=(("brand", 1),)),
            Diversity(method="dpp", strength=0.2, caps=(("kind", 2),), serendipity=0.4),
            Diversity(caps=(("brand", 1),)),
        ),
    ],
)
def test_what_a_request_leaves_out_is_as_the_policy_says(asked, policy, found):
    assert merged(asked, policy) == found


@pytest.mark.parametrize("method", [None, "none"])
def test_a_strength_needs_a_method(method):
    with pytest.raises(InvalidRequest, match=r"diversity\.strength: needs a method, .*: mmr, dpp, calibration"):
        merged(DiversityRequest(method=method, strength=0.5), Diversity())


def placed(**placements):
    """Return a pipeline with these policies."""
    policy = replace(MODEL.policy, placements={name: Placement(diversity=one) for name, one in placements.items()})
    return pipeline_of(replace(MODEL, policy=policy))


def test_a_placement_has_its_own_defaults():
    pipeline = placed(home=Diversity(method="mmr", strength=1.0), shelf=Diversity(caps=(("kind", 1),)))
    assert set(pipeline.placements) == {"default", "home", "shelf"}
    plain = one(customer_id=customer(2), k=6).item_ids
    said = one(customer_id=customer(2), k=6, diversity=DiversityRequest(method="mmr", strength=1.0)).item_ids
    assert said != plain
    for placement, expected in (("", plain), ("default", plain), ("home", said)):
        assert one(pipeline, customer_id=customer(2), k=6, placement=placement).item_ids == expected
    shelf = kinds(one(pipeline, customer_id=customer(2), k=3, placement="shelf"))
    assert len(set(shelf)) == len(shelf)
    off = DiversityRequest(method="none")
    assert one(pipeline, customer_id=customer(2), k=6, placement="home", diversity=off).item_ids == plain
    with pytest.raises(UnknownPlacement, match="garage"):
        one(pipeline, placement="garage")


def test_what_the_bundle_cannot_serve_is_refused_by_its_path():
    with pytest.raises(UnknownAttribute, match=r"diversity\.caps\[colour\]"):
        one(diversity=DiversityRequest(caps=(("colour", 1),)))
    with pytest.raises(InvalidRequest, match=r"diversity\.caps\[price\]: 'price' is a number"):
        one(diversity=DiversityRequest(caps=(("price", 1),)))
    with pytest.raises(UnknownAttribute, match=r"diversity\.calibrate"):
        one(diversity=DiversityRequest(method="calibration", calibrate="colour"))
    good = RecommendRequest(customer_id=customer(1), k=2)
    bad = replace(good, diversity=DiversityRequest(quotas=(Quota(attribute="colour", value="red"),)))
    answers = PIPELINE.recommend([good, bad, good])
    assert isinstance(answers[1], UnknownAttribute)
    assert answers[0].item_ids == answers[2].item_ids


def test_without_attributes_items_are_told_apart_by_their_vectors():
    pipeline = pipeline_of(bare_model())
    plain = one(pipeline, customer_id=customer(2), k=8)
    varied = one(pipeline, customer_id=customer(2), k=8, diversity=DiversityRequest(method="mmr", strength=0.9))
    assert plain.item_ids != varied.item_ids
    with pytest.raises(InvalidRequest, match="no category column whose mix"):
        one(pipeline, diversity=DiversityRequest(method="calibration"))


@pytest.mark.parametrize("engine", [True, False])
def test_a_bundle_of_ratings_varies_its_lists_too(engine):
    pipeline = pipeline_of(model_of(ratings=RATINGS["embedding"](), engine=engine, by_rating=True))
    plain = one(pipeline, customer_id=customer(2), k=6)
    same = one(pipeline, customer_id=customer(2), k=6, diversity=DiversityRequest(method="dpp", strength=0.0))
    assert same.item_ids == plain.item_ids
    varied = one(pipeline, customer_id=customer(2), k=6, diversity=DiversityRequest(method="dpp", strength=1.0))
    assert set(kinds(varied)) == {"bread", "milk", "nuts"}
    assert varied.item_ids[0] == plain.item_ids[0]
    quota = DiversityRequest(quotas=(Quota(attribute="title", value="title 29"),))
    assert item(29) in one(pipeline, customer_id=customer(2), k=6, diversity=quota).item_ids


def learnt(scale, *, by_rating=False, **parts):
    """Return a pipeline of a model with probabilities and a scale."""
    policy = replace(MODEL.policy, ranks_by_rating=by_rating, max_sum_scales={True: scale, False: scale})
    return pipeline_of(model_of(policy=policy, calibration=stepped_calibration(), **parts))


MAX_SUM = DiversityRequest(method="max_sum")


def test_the_learnt_scale_says_what_a_strength_means():
    asked = {"customer_id": customer(2), "k": 8}
    plain = one(**asked).item_ids
    # Where distance is worth next to nothing nothing moves, and where it is worth everything little stays.
    assert one(learnt(1e-9), **asked, diversity=MAX_SUM).item_ids == plain
    varied = one(learnt(1e9), **asked, diversity=MAX_SUM)
    assert varied.item_ids != plain
    assert list(varied.scores) == sorted(varied.scores, reverse=True)
    assert set(kinds(varied)) == {"bread", "milk", "nuts"}


def test_scales_and_probabilities_only_hold_for_logits_and_together():
    model = learnt(2.0).served
    assert model.trade(seen_allowed=True) == Trade(chances=model.calibration.proposed, scale=2.0)
    assert replace(model, calibration=None).trade(seen_allowed=True) is BY_SHARES
    assert replace(model, policy=MODEL.policy).trade(seen_allowed=True) is BY_SHARES
    variety = Variety(model)
    assert variety.trade(logits=True, seen_allowed=False).scale == 2.0
    assert variety.trade(logits=False, seen_allowed=False) is BY_SHARES
    # Predicted ratings, and scores mixed with wishes, are no logits: the scale must not move them.
    wishes = Needs(wishes=(Wish("price", Near(10.0, 1.0)),))
    for fields, parts in (({"needs": wishes}, {}), ({}, {"ratings": RATINGS["embedding"](), "by_rating": True})):
        asked = {"customer_id": customer(2), "k": 8, "diversity": MAX_SUM, **fields}
        small, large = (one(learnt(scale, **parts), **asked).item_ids for scale in (1e-9, 1e9))
        assert small == large


def test_nobody_with_no_past_gets_a_list():
    for method in STRENGTHS:
        answer = one(k=5, diversity=DiversityRequest(method=method, serendipity=0.5))
        assert len(answer.item_ids) == 5
