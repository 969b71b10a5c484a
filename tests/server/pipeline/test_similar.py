"""Items near an item."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import ITEMS, RATINGS, catalogue_of, equal, item, limited, model_of, pipeline_of

from shortlist_bundle.filters.conditions import Flag, Not
from shortlist_bundle.sources.strategies import Strategy
from shortlist_server.errors import FeatureOff, InvalidRequest, UnknownAttribute, UnknownItem
from shortlist_server.pipeline.allowing import to_be_had
from shortlist_server.pipeline.request import SimilarItemsRequest
from shortlist_server.pipeline.similar import spaces_of

PIPELINE = pipeline_of()
SPACES = spaces_of(PIPELINE.served)


def near(seed, **fields):
    return PIPELINE.similar_items(SimilarItemsRequest(item_id=seed, **fields))


@settings(deadline=None)
@given(
    seed=st.integers(1, ITEMS).map(item),
    space=st.sampled_from(SPACES),
    k=st.integers(1, ITEMS + 5),
    filter=st.sampled_from([None, equal(kind="milk"), equal(kind="wine"), Not(Flag("organic"))]),
    excluded=st.lists(st.sampled_from([item(1), item(2), item(3), "unheard of"]), max_size=3),
)
def test_neighbours_are_others_that_pass_the_filter_nearest_first(seed, space, k, filter, excluded):
    found = near(seed, space=space, k=k, filter=filter, exclude_items=excluded)
    mask = to_be_had(PIPELINE.served, filter, 0.0)
    allowed = {item(n) for n in range(1, ITEMS + 1) if mask[n]} - {seed, *excluded}
    assert set(found.item_ids) <= allowed
    assert len(set(found.item_ids)) == len(found.item_ids) <= k
    assert list(found.scores) == sorted(found.scores, reverse=True)
    assert found.space == space
    assert len(found.item_ids) == min(k, len(allowed))
    assert all(-1.00001 <= score <= 1.00001 for score in found.scores)
    assert ("short_list" in found.fallbacks) == (len(allowed) < k)
    assert ("filled:two_tower" in found.fallbacks) == (space == "co_occurrence" and 0 in found.scores)


def test_the_two_tower_space_is_the_cosine_without_popularity():
    vectors = PIPELINE.served.engine.retriever.tower_items.vectors[1:, :-1]
    cosine = vectors @ vectors[4] / np.linalg.norm(vectors, axis=1) / np.linalg.norm(vectors[4])
    order = [n + 1 for n in np.argsort(-cosine) if n != 4]
    found = near(item(5), k=4)
    assert list(found.item_ids) == [item(n) for n in order[:4]]
    np.testing.assert_allclose(found.scores, np.sort(np.delete(cosine, 4))[::-1][:4], atol=1e-5)


def test_co_occurrence_is_the_neighbours_of_item_based_cf():
    rows, weights = PIPELINE.served.engine.retriever.counting["item_cf"].similar(3)
    found = near(item(3), space="co_occurrence", k=ITEMS)
    together = dict(zip(found.item_ids[: len(rows)], found.scores, strict=False))
    assert together == pytest.approx({item(int(row)): float(weight) for row, weight in zip(rows, weights, strict=True)})


def test_too_few_neighbours_are_filled_from_the_two_tower_which_the_reply_says():
    count = len(PIPELINE.served.engine.retriever.counting["item_cf"].similar(3)[0])
    found = near(item(3), space="co_occurrence", k=count + 3)
    own = near(item(3), space="co_occurrence", k=count)
    assert found.fallbacks == ("filled:two_tower",)
    assert own.fallbacks == ()
    assert list(found.item_ids[:count]) == list(own.item_ids)
    expected = [one for one in near(item(3), k=ITEMS).item_ids if one not in own.item_ids][:3]
    assert list(found.item_ids[count:]) == expected
    assert list(found.scores[count:]) == [0, 0, 0]


def test_what_cannot_be_had_is_not_offered():
    everything = near(item(5), k=ITEMS).item_ids
    first, second = (int(one[1:]) for one in everything[:2])
    catalogue = limited(catalogue_of(), since=[(first, 1_000.0)], until=[(second, 50.0)])
    found = pipeline_of(model_of(catalogue=catalogue)).similar_items(SimilarItemsRequest(item_id=item(5), k=ITEMS))
    assert list(found.item_ids) == list(everything[2:])


def test_without_a_space_it_is_that_of_the_two_tower():
    assert near(item(1), space="").space == near(item(1)).space == "two_tower"


def test_what_the_bundle_does_not_have_is_refused():
    with pytest.raises(UnknownItem):
        near("never heard of")
    with pytest.raises(InvalidRequest, match="no space 'colour'; it has two_tower, embedding, content, co_occurrence"):
        near(item(1), space="colour")
    with pytest.raises(UnknownAttribute):
        near(item(1), filter=equal(colour="red"))


def test_the_content_space_is_the_cosine_of_the_features():
    vectors = PIPELINE.served.engine.retriever.counting["content"].items.vectors
    cosine = vectors[1:] @ vectors[3]
    found = near(item(3), space="content", k=ITEMS)
    # Items 2 and 3 are alike, and of item 7 nothing is known.
    assert found.item_ids[0] == item(2)
    np.testing.assert_allclose(found.scores, np.sort(np.delete(cosine, 2))[::-1], atol=1e-5)
    assert near(item(7), space="content", k=2).scores == [0.0, 0.0]


def test_without_item_features_there_is_no_content_space():
    model = model_of()
    retriever = model.engine.retriever
    counting = {name: source for name, source in retriever.counting.items() if name != "content"}
    sources = tuple(name for name in retriever.signals.sources if name != "content")
    model.engine.retriever = replace(retriever, counting=counting, signals=replace(retriever.signals, sources=sources))
    pipeline = pipeline_of(model)
    assert pipeline.description().spaces == ("two_tower", "embedding", "co_occurrence")
    with pytest.raises(InvalidRequest, match="no space 'content'; it has two_tower, embedding, co_occurrence"):
        pipeline.similar_items(SimilarItemsRequest(item_id=item(1), space="content"))


def test_a_bundle_that_only_predicts_ratings_has_no_neighbours():
    pipeline = pipeline_of(model_of(engine=False, ratings=RATINGS["embedding"]()))
    with pytest.raises(FeatureOff):
        pipeline.similar_items(SimilarItemsRequest(item_id=item(1)))


def test_an_item_that_cannot_be_had_now_is_left_out():
    catalogue = PIPELINE.served.catalogue
    until = catalogue.available_until.copy()
    until[2] = PIPELINE.served.clock.log_end - 1
    served = replace(PIPELINE.served, catalogue=replace(catalogue, available_until=until))
    found = pipeline_of(served).similar_items(SimilarItemsRequest(item_id=item(1), k=ITEMS)).item_ids
    assert item(2) in near(item(1), k=ITEMS).item_ids
    assert item(2) not in found
    assert len(found) == ITEMS - 2


def test_a_filter_is_reported_on():
    assert near(item(1)).filter_report is None
    milk = near(item(1), filter=equal(kind="milk"), exclude_items=[item(3)]).filter_report
    assert (milk.strategy, milk.matching, milk.scanned, milk.survived) == (Strategy.GATHERED, 10, 9, 9)
    rows, _ = PIPELINE.served.engine.retriever.counting["item_cf"].similar(1)
    by_taking = near(item(1), filter=equal(kind="milk"), space="co_occurrence").filter_report
    survived = sum(int(row) % 3 == 0 for row in rows)
    assert (by_taking.strategy, by_taking.scanned, by_taking.survived) == (Strategy.EXACT, len(rows), survived)
