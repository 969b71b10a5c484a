"""What customers begin to take after one another is recommended after one another, before anybody trains."""

from contextlib import closing
from dataclasses import replace

import pytest
from planted import CATEGORIES, category_of, item_id

from shortlist_bundle.changes.change import EventRecorded, ItemUpserted
from shortlist_bundle.changes.memory import MemoryLog
from shortlist_bundle.live.updating import ModelUpdater
from shortlist_server.pipeline.live import LivePipeline
from shortlist_server.pipeline.request import Event, Profile, RecommendRequest, SimilarItemsRequest

FIRST = item_id(3)
SECOND = item_id(3 + 1 + CATEGORIES)
"""Of another kind: nobody's taste joins the two."""
TIMES = 30
COUNTING = ("sequence", "item_cf")
CHEESE = ItemUpserted(item_id="new", attributes={"category": "egg", "price": 5.0})


def pairs(first, second, *, count=TIMES, end):
    """Return events of customers who take one thing and then another."""
    return [
        EventRecorded(
            event_id=f"{first}-{second}-{n}-{place}", customer_id=f"pair-{second}-{n}", item_id=name,
            timestamp=end + 60.0 * n + place,
        )
        for n in range(count)
        for place, name in enumerate((first, second))
    ]  # fmt: skip


def asked(*history, k, **settings):
    return RecommendRequest(profile=Profile(history=[Event(item_id=name) for name in history]), k=k, **settings)


def after(pipeline, *history, k=20, **settings):
    (found,) = pipeline.recommend([asked(*history, k=k, **settings)])
    return list(found.item_ids)


def rank_by(pipeline, source):
    """Return where a source has the second item among what it proposes to who has taken the first, -1 for nowhere."""
    (found,) = pipeline.recommend([asked(FIRST, k=59, sources={source: 1.0})])
    return int(found.source_ranks[found.item_ids.index(SECOND), found.sources.index(source)])


@pytest.fixture
def workers(shop):
    """Two workers that follow one log; only the first is ever told of an event."""
    changes = MemoryLog()
    with closing(LivePipeline(shop, changes)) as one, closing(LivePipeline(shop, changes)) as other:
        yield one, other


def test_what_begins_to_follow_is_recommended_by_every_worker(shop, workers):
    recording, answering = workers
    assert category_of(int(FIRST[1:])) != category_of(int(SECOND[1:]))
    whole = after(answering, FIRST, k=59)
    before = {name: rank_by(answering, name) for name in COUNTING}
    position = recording.record(pairs(FIRST, SECOND, end=shop.served.clock.log_end)).position
    answering.reach(position, None)
    for name, rank in before.items():
        assert rank != 0
        assert {rank_by(worker, name) for worker in workers} == {0}
    now = after(answering, FIRST, k=59)
    assert now == after(recording, FIRST, k=59)

    assert SECOND not in whole[:15]
    assert SECOND in now[:15]
    near = answering.similar_items(SimilarItemsRequest(item_id=FIRST, k=1, space="co_occurrence"))
    assert near.item_ids == [SECOND]


def test_a_new_item_has_neighbours_with_its_first_takings(shop, workers):
    recording, answering = workers
    recording.record([CHEESE])
    assert not answering.similar_items(SimilarItemsRequest(item_id=FIRST, k=60, space="content")).item_ids.count("new")
    recording.record(pairs(FIRST, "new", count=3, end=shop.served.clock.log_end))
    answering.catch_up()
    assert "new" in after(answering, FIRST, k=60, sources={"sequence": 1.0})
    near = answering.similar_items(SimilarItemsRequest(item_id="new", k=5, space="co_occurrence"))
    assert [name for name, score in zip(near.item_ids, near.scores, strict=True) if score > 0] == [FIRST]
    moved = recording.record([replace(CHEESE, attributes={"category": "fish", "price": 6.0})])
    answering.reach(moved.position, None)
    again = answering.similar_items(SimilarItemsRequest(item_id="new", k=5, space="co_occurrence"))
    assert (again.item_ids[:1], again.scores) == (near.item_ids[:1], near.scores)


def test_a_bundle_that_has_seen_the_events_counts_them_once(shop):
    """What stands before the bundle's own position is in its weights, and is passed over."""
    events = pairs(FIRST, SECOND, end=shop.served.clock.log_end)
    served = replace(shop.served, snapshot=replace(shop.served.snapshot, position=len(events)))
    updater = ModelUpdater(served)
    for position, event in enumerate(events, start=1):
        updater.apply(position, event)
    assert updater.model() is served
    updater.apply(len(events) + 1, replace(events[0], event_id="later", customer_id="later"))
    since = updater.model().engine.retriever.counting["sequence"].since
    assert not len(since.keys)
    assert not len(since.new_keys)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_position_says_what_goes_together_however_it_was_reached(shop, size):
    events = [*pairs(FIRST, SECOND, end=shop.served.clock.log_end), CHEESE]
    events += pairs("new", FIRST, count=20, end=shop.served.clock.log_end)
    histories = ((FIRST,), ("new", FIRST), (SECOND, item_id(20)))
    updater, once = ModelUpdater(shop.served), ModelUpdater(shop.served)
    for position, event in enumerate(events, start=1):
        updater.apply(position, event)
        once.apply(position, event)
        if position % size == 0:
            updater.model()
    pipeline, at_once = (shop.moved_to(one.model()) for one in (updater, once))
    assert [after(pipeline, *one, k=60) for one in histories] == [after(at_once, *one, k=60) for one in histories]
