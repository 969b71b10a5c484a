"""Searches made again: what they find of what there is, by the share of items that requests leave."""

import pytest
from indexed_models import indexed_pipeline
from small_models import customer, equal, item, pipeline_of

from shortlist_server.pipeline.request import RecommendRequest, Seen
from shortlist_server.sentinels.recall import bucket_of, search_again

ASKED = [RecommendRequest(customer_id=customer(n), k=5, seen=Seen.INCLUDE) for n in range(1, 6)]


def recall(pipeline, requests=ASKED):
    found = [one for request in requests for one in search_again(pipeline, request)]
    return sum(one.found for one in found) / sum(one.wanted for one in found)


def test_every_share_has_a_bucket():
    assert [bucket_of(share) for share in (1.0, 0.9, 0.89, 0.25, 0.2, 0.05, 0.01, 0.0)] == [
        "90-100%", "90-100%", "25-90%", "25-90%", "5-25%", "5-25%", "0-5%", "0-5%",
    ]  # fmt: skip


def test_an_index_that_misses_much_is_found_out_and_searched_deeper_finds_it():
    pipeline = indexed_pipeline()
    assert recall(pipeline) < 0.8
    before = [answer.item_ids for answer in pipeline.recommend(ASKED)]
    pipeline.search_deeper(10.0)
    assert recall(pipeline) == 1.0
    assert {answer.search_depth for answer in pipeline.recommend(ASKED)} == {10.0}
    pipeline.search_deeper(1.0)
    assert [answer.item_ids for answer in pipeline.recommend(ASKED)] == before
    assert recall(indexed_pipeline(probes=10)) == 1.0


def test_the_same_bundle_and_depth_give_the_same_list():
    first, second = indexed_pipeline(), indexed_pipeline()
    first.search_deeper(2.0)
    first.search_deeper(4.0)
    second.search_deeper(4.0)
    for request in ASKED:
        (one,), (other,) = first.recommend([request]), second.recommend([request])
        assert (one.item_ids, one.scores) == (other.item_ids, other.scores)


def test_what_is_searched_whole_is_not_searched_again():
    assert not search_again(pipeline_of(), ASKED[0])


@pytest.mark.parametrize(("filter", "bucket"), [(None, "90-100%"), (equal(kind="milk"), "25-90%")])
def test_searches_are_told_apart_by_what_was_allowed(filter, bucket):
    request = RecommendRequest(customer_id=customer(2), filter=filter, seen=Seen.INCLUDE)
    (found,) = search_again(indexed_pipeline(), request)
    assert (found.space, found.bucket) == ("two_tower", bucket)
    assert found.wanted == 8
    if filter:
        # Few enough are gathered, which misses nothing.
        assert found.found == found.wanted
    exclude = [item(n) for n in range(1, 31) if n != 4]
    (found,) = search_again(indexed_pipeline(), RecommendRequest(customer_id=customer(2), exclude_items=exclude))
    assert (found.bucket, found.wanted, found.found) == ("0-5%", 1, 1)
