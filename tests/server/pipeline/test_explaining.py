"""Reasons by id; none of the work for them where nobody asks."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import ITEMS, RATINGS, customer, item, model_of, pipeline_of, taken_by

from shortlist_bundle.knowledge.wishes import Wanted, Wish
from shortlist_bundle.reasons import explain, history
from shortlist_bundle.sources import item_cf
from shortlist_bundle.sources.item_cf import ItemCf
from shortlist_bundle.towers import customer_tower, embedding
from shortlist_server.pipeline import explaining, pipeline, ranking
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.needs import Needs
from shortlist_server.pipeline.request import DiversityRequest, Event, Profile, RecommendRequest, Seen
from shortlist_server.pipeline.resolve import customer_batch, resolve

A, B = 4, 17
STRANGER = Profile(history=[Event(item_id=item(9), timestamp=90.0), Event(item_id=item(A), timestamp=95.0)])


def planted():
    """Return a pipeline whose item neighbours are one pair: whoever takes A gets B."""
    model = model_of()
    indptr = np.zeros(ITEMS + 2, np.int64)
    indptr[A + 1 :] = 1
    only = ItemCf(indptr=indptr, neighbours=np.array([B], np.int32), weights=np.ones(1, np.float32), mix=(0.0, 1.0))
    retriever = model.engine.retriever
    model.engine.retriever = replace(retriever, counting=dict(retriever.counting) | {"item_cf": only})
    return pipeline_of(model)


def test_where_a_always_brings_b_the_reason_names_a():
    answer = planted().recommend([RecommendRequest(profile=STRANGER, k=1, sources={"item_cf": 1.0}, explain=True)])[0]
    assert list(answer.item_ids) == [item(B)]
    (why,) = answer.explanations
    (source,) = why.sources
    assert source.source == "item_cf"
    assert [(one.item_id, one.share) for one in source.history] == [(item(A), 1.0)]
    assert source.history_share == 1.0
    assert why.taken is None


def test_every_item_has_a_change_of_its_score_for_each_group():
    answer = pipeline_of().recommend([RecommendRequest(customer_id=customer(2), k=ITEMS, explain=True)])[0]
    assert len(answer.explanations) == len(answer.item_ids) == ITEMS
    assert {"customer", "source:item_cf", "own_history", "encodings"} <= set(answer.score_groups)
    for why in answer.explanations:
        assert len(why.score_changes) == len(answer.score_groups)
        assert np.isfinite(why.score_changes).all()
        for source in why.sources:
            shares = [one.share for one in source.history]
            assert shares == sorted(shares, reverse=True)
            assert sum(shares) <= source.history_share + 1e-5 <= 1 + 2e-5


def test_what_was_taken_is_told_with_its_times():
    history = [Event(item_id=item(3), timestamp=float(when)) for when in (60, 70, 90)]
    request = RecommendRequest(profile=Profile(history=history), k=ITEMS, as_of=100.0, seen=Seen.INCLUDE, explain=True)
    (answer,) = pipeline_of().recommend([request])
    found = dict(zip(answer.item_ids, answer.explanations, strict=True))[item(3)].taken
    assert (found.count, found.since, found.gap) == (3, pytest.approx(10.0), pytest.approx(15.0))
    assert sum(why.taken is not None for why in answer.explanations) == 1


def test_a_log_without_times_says_nothing_of_time():
    (answer,) = pipeline_of(model_of(has_times=False)).recommend(
        [RecommendRequest(customer_id=customer(2), k=ITEMS, seen=Seen.INCLUDE, explain=True)]
    )
    taken = [why.taken for why in answer.explanations if why.taken]
    assert taken
    assert all((one.since, one.gap) == (None, None) for one in taken)


@pytest.mark.parametrize("kind", RATINGS)
@pytest.mark.parametrize("engine", [True, False])
def test_a_bundle_that_ranks_by_rating_says_what_the_ratings_are_made_of(kind, engine):
    model = model_of(ratings=RATINGS[kind](), engine=engine, by_rating=True)
    request = RecommendRequest(customer_id=customer(2), k=ITEMS, seen=Seen.INCLUDE, explain=True)
    (answer,) = pipeline_of(model).recommend([request])
    assert answer.score_groups == ("customer", "item", "taste")
    assert len(answer.explanations) == len(answer.item_ids) == ITEMS
    items = model.items.rows(answer.item_ids)[None].astype(np.int32)
    batch = customer_batch(model, [resolve(model, request, ClockPolicy.LOG_END)])
    base = model.ratings.parts(batch, items).base
    sums = [base + sum(why.score_changes) for why in answer.explanations]
    assert np.clip(sums, 1.0, 5.0) == pytest.approx(answer.scores, abs=1e-4)
    assert all(why.sources == [] and why.moves == [] for why in answer.explanations)
    taken = {one for one, why in zip(answer.item_ids, answer.explanations, strict=True) if why.taken}
    assert taken == taken_by(model, 2)
    assert pipeline_of(model).recommend([replace(request, explain=False)])[0].explanations == ()


def test_in_a_list_of_ratings_the_moves_of_diversity_are_told():
    pipeline = pipeline_of(model_of(ratings=RATINGS["embedding"](), engine=False, by_rating=True))
    request = RecommendRequest(customer_id=customer(2), k=8, explain=True)
    (plain,) = pipeline.recommend([request])
    assert not any(why.moves for why in plain.explanations)
    (answer,) = pipeline.recommend([replace(request, diversity=DiversityRequest(method="mmr", strength=0.9))])
    assert answer.item_ids != plain.item_ids
    assert any(why.moves for why in answer.explanations)


def test_ratings_beside_stated_needs_are_explained_and_needs_alone_are_not():
    pipeline = pipeline_of(model_of(ratings=RATINGS["embedding"](), engine=False, by_rating=True))
    needs = Needs(wishes=(Wish("kind", Wanted(("milk",))),))
    request = RecommendRequest(customer_id=customer(2), k=4, explain=True, needs=needs)
    (beside,) = pipeline.recommend([request])
    assert beside.score_groups == ("customer", "item", "taste")
    assert all(any(why.score_changes) for why in beside.explanations)
    (alone,) = pipeline.recommend([replace(request, sources={"knowledge": 1.0})])
    assert alone.score_groups == ()


PARTS = [
    (ranking, "explain"),
    (explain, "pulls"),
    (explain, "score_changes"),
    (explain, "takings"),
    (explain, "groups"),
    (history, "contributions"),
    (history, "shared"),
    (item_cf, "parts"),
    (item_cf, "loudest"),
    (customer_tower, "voiced_products"),
    (embedding, "voiced_products"),
    (pipeline, "explanations"),
    (explaining, "Explanation"),
]
"""Everything that reasons are made with, where it is looked up when it is called."""


def refuse(*_, **__):
    raise AssertionError("worked for reasons that nobody asked for")


def test_without_explain_none_of_it_is_called(monkeypatch):
    answering = pipeline_of()
    plain = RecommendRequest(customer_id=customer(2), k=5)
    expected = answering.recommend([plain])[0]
    for place, name in PARTS:
        monkeypatch.setattr(place, name, refuse)
    (answer,) = answering.recommend([plain])
    assert answer.item_ids == expected.item_ids
    assert answer.scores == expected.scores
    assert answer.explanations == ()
    assert "explain" not in answer.timings_ms
    assert "mean_item" not in vars(answering.served.engine.reranker.scorer)


@pytest.mark.parametrize(("place", "name"), PARTS)
def test_with_explain_all_of_it_is_called(monkeypatch, place, name):
    """Else the test above could not fail."""
    monkeypatch.setattr(place, name, refuse)
    with pytest.raises(AssertionError, match="nobody asked"):
        pipeline_of().recommend([RecommendRequest(customer_id=customer(2), k=5, explain=True)])


def test_only_those_who_ask_are_explained(monkeypatch):
    """In a batch of both kinds, the reasons are worked out for the lists of those who asked."""
    seen, real = [], ranking.explain

    def watched(engine, encoded, ranked, **settings):
        seen.append(ranked.items.shape)
        return real(engine, encoded, ranked, **settings)

    monkeypatch.setattr(ranking, "explain", watched)
    plain = RecommendRequest(customer_id=customer(2), k=5)
    first, second, third = pipeline_of().recommend([plain, replace(plain, explain=True), plain])
    assert seen == [(1, 5)]
    assert first.explanations == third.explanations == ()
    assert len(second.explanations) == 5
    assert first.item_ids == second.item_ids
