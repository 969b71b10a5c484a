"""Lists: k of them whenever k exist, the same alone and in a batch, today and tomorrow."""

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
    catalogue_of,
    context_model,
    customer,
    embedding_ratings,
    equal,
    item,
    limited,
    model_of,
    pipeline_of,
    taken_by,
)

from shortlist_bundle.filters.conditions import All, AnyOf, AnyOne, Equals, Flag, Not, Range
from shortlist_bundle.sources.strategies import Strategy
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_server.errors import InvalidRequest, PipelineError, UnknownAttribute, UnknownCustomer
from shortlist_server.pipeline.allowing import to_be_had
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import SHORT_LIST
from shortlist_server.pipeline.request import Event, Profile, RecommendRequest, Seen
from shortlist_server.pipeline.resolve import customer_batch, resolve

PIPELINE = pipeline_of()
SOURCES = ("own_past", "two_tower", "item_cf", "embedding", "popularity", "content")

PROFILES = st.builds(
    Profile,
    features=st.fixed_dictionaries({}, optional={"age": st.floats(18, 90), "town": st.sampled_from(["ash", "york"])}),
    history=st.lists(st.builds(Event, item_id=st.sampled_from([item(1), item(9), "unheard of"])), max_size=3),
)
LEAVES = st.one_of(
    st.builds(Equals, st.just("kind"), st.sampled_from(["milk", "nuts", "wine"])),
    st.builds(Equals, st.just("price"), st.sampled_from([2.0, 2.5])),
    st.builds(AnyOf, st.just("tags"), st.sampled_from([("even",), ("even", "third")])),
    st.builds(Range, st.just("price"), at_least=st.none() | st.floats(0, 15), less_than=st.floats(0, 15)),
    st.builds(Flag, st.just("organic"), st.booleans()),
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(All, st.tuples(inner, inner)), st.builds(AnyOne, st.tuples(inner, inner)), st.builds(Not, inner)
    ),
    max_leaves=4,
)
REQUESTS = st.builds(
    RecommendRequest,
    customer_id=st.none() | st.sampled_from([customer(n) for n in range(1, CUSTOMERS + 2)]),
    profile=PROFILES,
    k=st.integers(1, ITEMS + 10),
    as_of=st.none() | st.floats(-10, 200),
    filter=st.none() | FILTERS,
    exclude_items=st.lists(st.sampled_from([*(item(n) for n in range(1, ITEMS + 1)), "unheard of"]), max_size=ITEMS),
    seen=st.sampled_from(Seen),
    sources=st.dictionaries(st.sampled_from(SOURCES), st.sampled_from([0.0, 0.5, 2.0]), max_size=3),
    explain=st.booleans(),
)


def one(request, pipeline=PIPELINE):
    (answer,) = pipeline.recommend([request])
    if isinstance(answer, PipelineError):
        raise answer
    return answer


def may_be_shown(request, model=PIPELINE.served):
    """Return the allowed items, worked out item by item."""
    mask = to_be_had(model, request.filter, 0.0)
    shown = {one for n, one in enumerate(model.items.ids(range(ITEMS + 1))) if mask[n]} - set(request.exclude_items)
    if request.seen is Seen.EXCLUDE:
        as_of = model.clock.log_end if request.as_of is None else request.as_of
        history = model.snapshot.histories(np.array([model.customers.row(request.customer_id or "")]))
        shown -= {one for one, time in zip(model.items.ids(history.items), history.times, strict=True) if time <= as_of}
        shown -= {event.item_id for event in request.profile.history}
    return shown


@settings(max_examples=300, deadline=None)
@given(REQUESTS)
def test_k_items_come_back_whenever_k_exist(request):
    answer = one(request)
    allowed = may_be_shown(request)
    assert len(answer.item_ids) == min(request.k, len(allowed))
    assert set(answer.item_ids) <= allowed
    assert len(set(answer.item_ids)) == len(answer.item_ids)
    assert (SHORT_LIST in answer.fallbacks) == (len(answer.item_ids) < request.k)
    assert np.isfinite(answer.scores).all()
    assert list(answer.scores) == sorted(answer.scores, reverse=True)
    assert len(answer.scores) == len(answer.source_masks) == len(answer.item_ids)
    assert all(0 <= mask < 2 ** len(SOURCES) for mask in answer.source_masks)


@settings(max_examples=60, deadline=None)
@given(st.lists(REQUESTS, min_size=1, max_size=8))
def test_a_batch_answers_as_each_request_alone(requests):
    for request, together in zip(requests, PIPELINE.recommend(requests), strict=True):
        alone = one(request)
        assert together.item_ids == alone.item_ids
        np.testing.assert_allclose(together.scores, alone.scores, atol=1e-5)
        same = ("source_masks", "fallbacks", "unknown_items", "as_of", "known_customer", "candidates", "filter_report")
        assert all(getattr(together, name) == getattr(alone, name) for name in same)
        for in_batch, by_itself in zip(told(together), told(alone), strict=True):
            assert in_batch[:2] == by_itself[:2]
            assert in_batch[2] == pytest.approx(by_itself[2], rel=1e-5, abs=1e-5)


def told(answer):
    """Return every explanation of a list: source, rank, score."""
    return [(reason.source, reason.rank, reason.score) for why in answer.explanations for reason in why.sources]


def test_the_same_request_a_hundred_times_is_the_same_answer():
    request = RecommendRequest(customer_id=customer(2), k=ITEMS)
    answers = [one(request) for _ in range(100)]
    assert len({tuple(answer.item_ids) for answer in answers}) == 1
    assert len({tuple(answer.scores) for answer in answers}) == 1


def test_a_row_that_cannot_be_answered_leaves_the_others_alone():
    good = RecommendRequest(customer_id=customer(2), k=3)
    bad = {
        UnknownCustomer: replace(good, customer_id="nobody", require_known=True),
        UnknownAttribute: replace(good, filter=equal(colour="red")),
        InvalidRequest: replace(good, profile=Profile(features={"age": "old"})),
    }
    answers = PIPELINE.recommend([good, *bad.values(), good])
    assert [type(answer) for answer in answers[1:-1]] == list(bad)
    assert answers[0].item_ids == answers[-1].item_ids == one(good).item_ids


def test_rows_that_are_all_refused_need_no_engine():
    answers = PIPELINE.recommend([RecommendRequest(filter=equal(colour="red"), k=3)] * 2)
    assert all(isinstance(answer, UnknownAttribute) for answer in answers)


def test_no_requests_have_no_answers():
    assert PIPELINE.recommend([]) == []


def test_more_requests_than_a_chunk_holds_keep_their_order():
    requests = [RecommendRequest(customer_id=customer(1 + n % CUSTOMERS), k=2) for n in range(600)]
    answers = PIPELINE.recommend(requests)
    assert len(answers) == 600
    for n in (0, 255, 256, 599):
        assert answers[n].item_ids == one(requests[n]).item_ids


def test_a_list_without_seen_items_has_none_of_them():
    answer = one(RecommendRequest(customer_id=customer(2), seen=Seen.EXCLUDE, k=ITEMS))
    assert not set(answer.item_ids) & taken_by(PIPELINE.served, 2)
    assert answer.fallbacks == (SHORT_LIST,)


def test_an_empty_filter_result_is_an_empty_list_that_says_so():
    answer = one(RecommendRequest(customer_id=customer(2), filter=equal(kind="wine"), k=5))
    assert list(answer.item_ids) == list(answer.scores) == []
    assert answer.fallbacks == (SHORT_LIST,)


def test_who_proposed_an_item_is_said():
    answer = one(RecommendRequest(customer_id=customer(2), k=ITEMS, explain=True))
    assert list(answer.sources) == list(SOURCES)
    for mask, why in zip(answer.source_masks, answer.explanations, strict=True):
        named = {reason.source for reason in why.sources}
        assert {source for bit, source in enumerate(SOURCES) if mask >> bit & 1} == named
        assert [reason.rank for reason in why.sources] == sorted(reason.rank for reason in why.sources)
    best = {reason.source for why in answer.explanations for reason in why.sources if reason.rank == 0}
    assert best == set(SOURCES)
    assert one(RecommendRequest(customer_id=customer(2), k=3)).explanations == ()


def test_a_reason_carries_the_sources_own_score():
    answer = one(RecommendRequest(customer_id=customer(2), k=ITEMS, explain=True))
    model = PIPELINE.served
    batch = customer_batch(model, [resolve(model, RecommendRequest(customer_id=customer(2)), ClockPolicy.LOG_END)])
    boards = model.engine.retriever.encode(batch).boards
    for item_id, why in zip(answer.item_ids, answer.explanations, strict=True):
        for reason in why.sources:
            own = boards[reason.source].at(np.array([[model.items.row(item_id)]]))[0, 0]
            assert reason.score == pytest.approx(own, rel=1e-5)
    for source in SOURCES:
        ranked = sorted(
            (why.rank, why.score) for told in answer.explanations for why in told.sources if why.source == source
        )
        assert [score for _, score in ranked] == sorted((score for _, score in ranked), reverse=True)


def test_only_the_sources_that_were_asked_for_propose():
    answer = one(RecommendRequest(customer_id=customer(2), k=3, sources={"popularity": 1.0}))
    assert set(answer.source_masks) <= {1 << SOURCES.index("popularity")}
    both = one(RecommendRequest(customer_id=customer(2), k=ITEMS, sources={"popularity": 3.0, "item_cf": 1.0}))
    assert all(mask in (0, 4, 16, 20) for mask in both.source_masks)


def test_a_source_that_does_not_exist_is_refused():
    with pytest.raises(InvalidRequest, match="no source 'weather'; it has own_past, two_tower"):
        one(RecommendRequest(k=3, sources={"weather": 1.0}))


def test_timings_name_the_stages():
    assert {"resolve", "filter", "encode", "retrieve", "rerank"} <= one(RecommendRequest(k=3)).timings_ms.keys()


def test_missing_and_impossible_numbers_leave_scores_finite():
    for age in (float("nan"), 1e30, -1e30):
        answer = one(RecommendRequest(profile=Profile(features={"age": age}), k=ITEMS))
        assert np.isfinite(answer.scores).all()
        assert len(answer.item_ids) == ITEMS


def test_a_bundle_without_any_features_answers():
    pipeline = pipeline_of(bare_model())
    answer = one(RecommendRequest(customer_id=customer(1), profile=Profile(features={"age": 30}), k=5), pipeline)
    assert len(answer.item_ids) == 5
    assert answer.unknown_attributes == ("age",)
    assert len(one(RecommendRequest(k=99), pipeline).item_ids) == ITEMS


def test_a_context_changes_the_list_and_a_batch_may_hold_several():
    pipeline = pipeline_of(context_model())
    requests = [RecommendRequest(customer_id=customer(2), k=8, context={"device": d}) for d in ("phone", "till", "tv")]
    requests += [RecommendRequest(customer_id=customer(2), k=8)]
    answers = pipeline.recommend(requests)
    for request, answer in zip(requests, answers, strict=True):
        alone = one(request, pipeline)
        assert answer.item_ids == alone.item_ids
        np.testing.assert_allclose(answer.scores, alone.scores, atol=1e-5)
    assert len({tuple(answer.scores) for answer in answers}) >= 3
    wrong = pipeline.recommend([replace(requests[0], context={"hour": "late"}), requests[1]])
    assert isinstance(wrong[0], InvalidRequest)
    assert wrong[1].item_ids == answers[1].item_ids


@pytest.mark.parametrize("items", [1, 5])
@pytest.mark.parametrize("k", [1, 5, 50])
def test_a_tiny_catalogue_is_returned_whole(items, k):
    model = model_of(items=Vocabulary(item(n) for n in range(1, items + 1)))
    small = _cut(model, items)
    answer = one(RecommendRequest(customer_id=customer(2), k=k), pipeline_of(small))
    assert len(answer.item_ids) == min(items, k)


def _cut(model, items):
    """Leave only the first items in a rating model of hand-made tables."""
    catalogue = model.catalogue
    keep = slice(0, items + 1)
    events = model.snapshot.events
    return replace(
        model,
        engine=None,
        ratings=embedding_ratings(items=items),
        policy=replace(model.policy, ranks_by_rating=True),
        catalogue=replace(
            catalogue,
            attributes={},
            available_from=catalogue.available_from[keep],
            available_until=catalogue.available_until[keep],
        ),
        snapshot=replace(
            model.snapshot, events=replace(events, items=np.minimum(events.items, items).astype(np.int32))
        ),
    )


@pytest.mark.parametrize("kind", RATINGS)
@pytest.mark.parametrize("engine", [True, False])
def test_a_bundle_of_ratings_ranks_by_predicted_rating(kind, engine):
    model = model_of(ratings=RATINGS[kind](), engine=engine, by_rating=True)
    answer = one(RecommendRequest(customer_id=customer(2), k=ITEMS), pipeline_of(model))
    assert len(answer.item_ids) == ITEMS
    assert all(1.0 <= score <= 5.0 for score in answer.scores)
    assert list(answer.scores) == sorted(answer.scores, reverse=True)
    assert set(answer.source_masks) == {0}
    some = one(RecommendRequest(customer_id=customer(2), k=4, filter=equal(kind="milk")), pipeline_of(model))
    milk = [one for one in answer.item_ids if int(one[1:]) % 3 == 0]
    assert list(some.item_ids) == milk[:4]


def test_predictions_beyond_the_scale_still_tell_items_apart():
    """Ratings are clipped to their scale when they are shown, not when they are compared."""
    ratings = embedding_ratings()
    ratings.item_bias[1:] += np.linspace(10, 20, ITEMS, dtype=np.float32)
    model = model_of(engine=False, by_rating=True, ratings=ratings)
    answer = one(RecommendRequest(k=ITEMS), pipeline_of(model))
    order = np.argsort(-ratings.item_bias[1:], kind="stable") + 1
    assert list(answer.item_ids) == [item(n) for n in order]
    assert set(answer.scores) == {5.0}


@pytest.mark.parametrize("as_of", [None, 2e9])
def test_under_the_live_clock_an_old_log_answers_and_says_that_it_is_old(as_of):
    pipeline = pipeline_of(clock=ClockPolicy.LIVE)
    answer = one(RecommendRequest(customer_id=customer(2), as_of=as_of, k=ITEMS), pipeline)
    assert "stale_log" in answer.fallbacks
    assert np.isfinite(answer.scores).all()
    # As old as training has ever seen a customer come back, and not a second older.
    eldest = one(RecommendRequest(customer_id=customer(2), as_of=110.0, k=ITEMS), pipeline)
    assert answer.item_ids == eldest.item_ids
    np.testing.assert_array_equal(answer.scores, eldest.scores)


def test_an_explanation_gives_each_source_its_rank_and_its_own_score():
    request = RecommendRequest(customer_id=customer(1), k=ITEMS, seen=Seen.INCLUDE, explain=True)
    answer = PIPELINE.recommend([request])[0]
    vector = PIPELINE.encode_customers([request]).vectors[0]
    expected = {one: vector @ PIPELINE.encode_items([one])[0] for one in answer.item_ids}
    told = [
        (one, reason.score)
        for one, why in zip(answer.item_ids, answer.explanations, strict=True)
        for reason in why.sources
        if reason.source == "two_tower"
    ]
    assert told
    assert [score for _, score in told] == pytest.approx([expected[one] for one, _ in told], abs=1e-5)
    assert PIPELINE.recommend([replace(request, explain=False)])[0].explanations == ()


def test_a_filter_is_reported_on_and_its_absence_is_not():
    assert one(RecommendRequest(customer_id=customer(2), k=3)).filter_report is None
    # Seven items of the thirty have a price below 4 (item 7 has none), and one of them is excluded.
    cheap = RecommendRequest(customer_id=customer(2), k=3, filter=Range("price", less_than=4), exclude_items=[item(1)])
    report = one(cheap).filter_report
    assert (report.strategy, report.matching, report.scanned, report.survived) == (Strategy.GATHERED, 6, 5, 5)
    most = one(RecommendRequest(customer_id=customer(2), k=3, filter=Not(equal(kind="milk")))).filter_report
    assert (most.strategy, most.matching, most.scanned, most.survived) == (Strategy.EXACT, 20, 30, 20)


def test_what_fills_a_list_up_is_counted_too():
    """No source proposes anything of the filter, and the two-tower's order of all that is allowed fills the list."""
    asked = RecommendRequest(customer_id=customer(6), k=4, filter=equal(kind="milk"), sources={"own_past": 1.0})
    answer = one(asked)
    assert len(answer.item_ids) == 4
    assert set(answer.source_masks) == {0}
    report = answer.filter_report
    assert (report.strategy, report.matching, report.scanned, report.survived) == (Strategy.GATHERED, 10, 10, 10)


def test_where_no_vectors_are_searched_the_report_says_so():
    asked = RecommendRequest(customer_id=customer(6), k=1, filter=equal(kind="milk"), sources={"popularity": 1.0})
    report = one(asked).filter_report
    assert (report.strategy, report.matching, report.scanned, report.survived) == (None, 10, 0, 0)


def test_a_bundle_of_ratings_reports_too():
    pipeline = pipeline_of(model_of(ratings=embedding_ratings(), engine=False, by_rating=True))
    report = one(RecommendRequest(k=2, filter=equal(kind="milk")), pipeline).filter_report
    assert (report.strategy, report.matching, report.scanned, report.survived) == (Strategy.GATHERED, 10, 10, 10)


@pytest.mark.parametrize("filter", [None, equal(kind="milk"), Not(equal(kind="bread"))])
def test_what_cannot_be_had_at_the_moment_is_never_shown(filter):
    catalogue = limited(catalogue_of(), since=[(3, 50.0), (6, 60.0)], until=[(9, 50.0)])
    pipeline = pipeline_of(model_of(catalogue=catalogue))
    gone = {49.0: {item(3), item(6)}, 50.0: {item(6), item(9)}, 60.0: {item(9)}}
    for as_of, missing in gone.items():
        asked = RecommendRequest(customer_id=customer(2), k=ITEMS, filter=filter, as_of=as_of)
        assert set(one(asked, pipeline).item_ids) == may_be_shown(asked) - missing
