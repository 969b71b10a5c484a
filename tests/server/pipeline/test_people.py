"""Where items are customers, nobody is offered themselves."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import CUSTOMERS, ITEMS, item, model_of, pipeline_of, taken_by

from shortlist_bundle.policy import Policy
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_server.pipeline.request import RecommendRequest, Seen


def people_pipeline(*, people=True):
    """Return a pipeline whose customers 1..6 are the items 1..6; the other items are people who took nobody."""
    policy = Policy(seen_allowed=False, ranks_by_rating=False, people_to_people=people)
    customers = Vocabulary(item(n) for n in range(1, CUSTOMERS + 1))
    return pipeline_of(replace(model_of(), customers=customers, policy=policy))


def listed(pipeline, who, **fields):
    return set(pipeline.recommend([RecommendRequest(customer_id=who, k=ITEMS, **fields)])[0].item_ids)


@pytest.mark.parametrize("number", [1, 2, 6])
def test_lists_hold_neither_oneself_nor_whom_one_took(number):
    pipeline = people_pipeline()
    everybody = {item(n) for n in range(1, ITEMS + 1)}
    assert listed(pipeline, item(number)) == everybody - taken_by(pipeline.served, number) - {item(number)}


def test_those_taken_before_come_back_on_request_oneself_never():
    pipeline = people_pipeline()
    everybody = {item(n) for n in range(1, ITEMS + 1)}
    assert listed(pipeline, item(2), seen=Seen.INCLUDE) == everybody - {item(2)}


def test_somebody_who_took_nobody_is_not_offered_themselves_either():
    assert item(20) not in listed(people_pipeline(), item(20))
    assert len(listed(people_pipeline(), "nobody at all")) == ITEMS


def test_elsewhere_an_item_of_the_customers_name_is_an_item():
    pipeline = people_pipeline(people=False)
    assert item(6) in listed(pipeline, item(6))


def test_in_a_batch_each_is_left_out_of_their_own_list_alone():
    pipeline = people_pipeline()
    requests = [RecommendRequest(customer_id=item(n), k=ITEMS, seen=Seen.INCLUDE) for n in range(1, CUSTOMERS + 1)]
    for n, answer in enumerate(pipeline.recommend(requests), start=1):
        assert item(n) not in answer.item_ids
        assert len(answer.item_ids) == ITEMS - 1
        assert np.isfinite(answer.scores).all()
