"""Customers near a customer, as they are asked for."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import CUSTOMERS, RATINGS, customer, item, model_of, pipeline_of

from shortlist_server.errors import FeatureOff, InvalidRequest, UnknownCustomer
from shortlist_server.pipeline.reply import SHORT_LIST, ClockUsed
from shortlist_server.pipeline.request import Event, Profile, RecommendRequest, SimilarCustomersRequest

PIPELINE = pipeline_of()


def near(customer_id=None, **fields):
    return PIPELINE.similar_customers(SimilarCustomersRequest(customer_id=customer_id, **fields))


@pytest.mark.parametrize("number", range(1, CUSTOMERS + 1))
def test_a_known_customer_has_others_near_and_never_themselves(number):
    found = near(customer(number), k=4)
    assert customer(number) not in found.customer_ids
    assert len(found.customer_ids) == 4
    assert list(found.scores) == sorted(found.scores, reverse=True)
    assert all(-1.001 <= score <= 1.001 for score in found.scores)
    assert found.known_customer
    assert found.fallbacks == ()
    assert found.clock is ClockUsed.LOG_END


def test_scores_are_cosines_with_the_towers_vector_ties_by_row():
    batch = PIPELINE.encode_customers([RecommendRequest(customer_id=customer(2))])
    vector = batch.vectors[0, :-1] / np.linalg.norm(batch.vectors[0, :-1])
    found = near(customer(2), k=CUSTOMERS)
    rows = PIPELINE.served.customers.rows(found.customer_ids)
    np.testing.assert_allclose(
        found.scores, PIPELINE.served.customer_space.vectors[rows].astype(np.float32) @ vector, atol=1e-3
    )
    places = [list(found.customer_ids).index(customer(number)) for number in (3, 5)]
    assert places[1] == places[0] + 1


def test_of_whom_nothing_is_known_nobody_is_like():
    """Customer 6 was nowhere when the log ended."""
    found = near(customer(1), k=CUSTOMERS)
    assert len(found.customer_ids) == CUSTOMERS - 2
    assert customer(6) not in found.customer_ids
    assert found.fallbacks == (SHORT_LIST,)


def test_a_stranger_is_placed_by_what_the_request_says():
    by_town = [near(profile=Profile(features={"town": town}), k=5) for town in ("ash", "birch")]
    assert by_town[0].scores != by_town[1].scores
    assert all(found.fallbacks == ("cold_start:features",) for found in by_town)
    by_history = near("nobody", profile=Profile(history=[Event(item_id=item(3))]), k=5)
    assert by_history.fallbacks == ("cold_start:history",)
    assert not by_history.known_customer
    assert len(by_history.customer_ids) == 5


def test_of_a_stranger_who_says_nothing_the_typical_are_near_and_that_is_said():
    found = near(k=3)
    assert found.fallbacks == ("cold_start:nothing_known",)
    assert len(found.customer_ids) == 3
    assert found.customer_ids == near("nobody", k=3).customer_ids


def test_what_the_request_says_moves_a_known_customer():
    assert near(customer(2), k=5).scores != near(customer(2), k=5, profile=Profile(features={"town": "ash"})).scores
    assert near(customer(2), k=5, as_of=1.0).scores != near(customer(2), k=5).scores
    assert near(customer(2), k=5, as_of=1.0).clock is ClockUsed.REQUEST


def test_what_cannot_be_is_refused():
    with pytest.raises(UnknownCustomer):
        near("nobody", require_known=True)
    with pytest.raises(InvalidRequest, match=r"profile\.features\[age\]"):
        near(profile=Profile(features={"age": "old"}))


def test_a_bundle_without_the_space_says_so():
    for model in (model_of(engine=False, ratings=RATINGS["embedding"]()), replace(model_of(), customer_space=None)):
        with pytest.raises(FeatureOff):
            pipeline_of(model).similar_customers(SimilarCustomersRequest(customer_id=customer(1)))
