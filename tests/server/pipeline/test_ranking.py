"""How many candidates each source may propose, and how large a batch may be."""

import pytest
from small_models import model_of

from shortlist_bundle.shares import SourceShare
from shortlist_server.pipeline.ranking import CELLS, Timings, Wish, chunks, depths_of

ENGINE = model_of().engine


def depths(k=5, seen_allowed=True, **sources):
    shares = tuple(SourceShare(source=name, weight=weight) for name, weight in sources.items())
    return depths_of(ENGINE, Wish(seen_allowed=seen_allowed, sources=shares, k=k))


def test_without_a_wish_the_bundle_decides():
    assert depths() == ENGINE.depths[True]
    assert depths(seen_allowed=False) == ENGINE.depths[False]


def test_sources_that_are_only_switched_off_leave_the_others_as_they_are():
    others = {name: depth for name, depth in ENGINE.depths[True].items() if name not in ("own_past", "item_cf")}
    assert 0 < len(others) == len(ENGINE.depths[True]) - 2
    assert depths(own_past=0.0, item_cf=0.0) == others


def test_weights_share_the_bundles_budget():
    # Six sources of four places each.
    assert depths(own_past=3.0, item_cf=1.0) == {"own_past": 18, "item_cf": 6}
    assert depths(own_past=1.0, item_cf=0.0) == {"own_past": 24}
    assert depths(own_past=2.0, item_cf=1.0) == {"own_past": 16, "item_cf": 8}


def test_a_long_list_has_a_larger_budget():
    assert depths(k=30, own_past=1.0) == {"own_past": 30}


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 1000])
@pytest.mark.parametrize("width", [1, 1000, CELLS, 10 * CELLS])
def test_chunks_cover_a_batch_once_and_stay_small(count, width):
    covered = [row for chunk in chunks(count, width) for row in range(count)[chunk]]
    assert covered == list(range(count))
    assert all((chunk.stop - chunk.start) * width <= max(CELLS, width) for chunk in chunks(count, width))


def test_time_is_booked_on_the_stage_that_took_it():
    timings = Timings()
    for stage in ("encode", "rerank", "encode"):
        timings.lap(stage)
    assert list(timings.spent) == ["encode", "rerank"]
    assert all(milliseconds >= 0 for milliseconds in timings.spent.values())
