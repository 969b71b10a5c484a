"""Vectors for callers with an index of their own."""

import numpy as np
import pytest
from small_models import RATINGS, customer, item, model_of, pipeline_of

from shortlist_server.errors import FeatureOff, InvalidRequest, UnknownCustomer, UnknownItem
from shortlist_server.pipeline.reply import ClockUsed
from shortlist_server.pipeline.request import Event, Profile, RecommendRequest

PIPELINE = pipeline_of()


def encode(*requests):
    return PIPELINE.encode_customers(list(requests)).vectors


def test_inner_products_are_the_scores_of_the_two_tower():
    requests = [
        RecommendRequest(customer_id=customer(2)),
        RecommendRequest(),
        RecommendRequest(profile=Profile(features={"age": 30}, history=[Event(item_id=item(1))])),
    ]
    vectors = encode(*requests)
    items = PIPELINE.encode_items([item(n) for n in range(1, 31)])
    assert vectors.shape == (3, 5)
    assert items.shape == (30, 5)
    best = items[(vectors @ items.T).argmax(axis=1)]
    for row, request in enumerate(requests):
        only = RecommendRequest(**{**_fields(request), "sources": {"two_tower": 1.0}, "k": 30, "explain": True})
        answer = PIPELINE.recommend([only])[0]
        told = zip(answer.item_ids, answer.explanations, strict=True)
        first = next(one for one, why in told if why.sources and why.sources[0].rank == 0)
        np.testing.assert_array_equal(best[row], PIPELINE.encode_items([first])[0])


def _fields(request):
    return {"customer_id": request.customer_id, "profile": request.profile}


def test_a_batch_encodes_as_each_alone():
    requests = [RecommendRequest(customer_id=customer(n)) for n in (1, 2, 6, 9)]
    np.testing.assert_allclose(encode(*requests), np.concatenate([encode(one) for one in requests]), atol=1e-6)


def test_it_says_who_is_known_and_at_which_moment():
    found = PIPELINE.encode_customers([RecommendRequest(customer_id=one) for one in (customer(2), "nobody", None)])
    assert list(found.known) == [True, False, False]
    assert (found.as_of, found.clock) == (100.0, ClockUsed.LOG_END)
    found = PIPELINE.encode_customers([RecommendRequest(customer_id=customer(2), as_of=50.0)])
    assert (found.as_of, found.clock) == (50.0, ClockUsed.REQUEST)


def test_items_are_encoded_in_the_order_of_the_request():
    both = PIPELINE.encode_items([item(7), item(3)])
    np.testing.assert_array_equal(both, PIPELINE.served.engine.retriever.tower_items.vectors[[7, 3]])


def test_what_cannot_be_encoded_is_refused():
    with pytest.raises(UnknownItem):
        PIPELINE.encode_items([item(1), "never heard of"])
    with pytest.raises(InvalidRequest):
        encode(RecommendRequest(profile=Profile(features={"age": "old"})))
    with pytest.raises(UnknownCustomer):
        encode(RecommendRequest(customer_id="nobody", require_known=True))


def test_a_bundle_without_towers_encodes_nothing():
    pipeline = pipeline_of(model_of(engine=False, ratings=RATINGS["embedding"]()))
    with pytest.raises(FeatureOff):
        pipeline.encode_items([item(1)])
    with pytest.raises(FeatureOff):
        pipeline.encode_customers([RecommendRequest()])
