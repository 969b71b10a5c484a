import numpy as np
import pytest
from arrays import batch_of
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.packing.parts import Parts
from shortlist_bundle.packing.sources import pack_sources, unpack_sources
from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.sources.popularity import ItemCounts
from shortlist_bundle.sources.segment_popularity import SegmentPopularity
from shortlist_bundle.sources.segments import Segments

WIDTH = 6
TAKINGS = np.array([[0, 0, 0, 0, 0, 0], [0, 4, 2, 1, 0, 9], [0, 5, 6, 2, 0, 9]], np.float32)
"""Before each border: item 4 is never taken, item 5 not of late, and item 2 more than item 1."""
COUNTS = ItemCounts(
    edges=np.array([0.0, 50.0, 100.0]),
    cumulative=TAKINGS,
    repeats=np.zeros(WIDTH, np.float32),
    first_seen=np.zeros(WIDTH),
)
MOST = np.finfo(np.float32).max
SEGMENTS = Segments(
    edges=np.array([[0.0, 1.0, MOST]], np.float32),
    ranges=np.array([[0, -1, 1, -1]], np.int32),
    bags=("town", "tags"),
    starts=np.array([0, 4, 4], np.int64),
    values=np.array([-1, -1, 2, 3, -1, -1, 4], np.int32),
)
"""Ages below 0 and from 1, two towns, one tag."""
ITEMS = np.array([1, 2, 3, 4, 5], np.int32)
LIFTS = np.log(
    np.array(
        [[1, 1, 1, 1, 1], [2, 1, 1, 1, 1], [8, 1, 1, 9, 1], [1, 1, 1, 9, 1], [1, 1, 4, 1, 1]], np.float32
    )
)  # fmt: skip
OLD, YOUNG, NOBODY_KNOWS = (1.5, 0.0), (-1.0, 0.0), (0.0, 1.0)
ASH, BIRCH, TAG = 2, 3, 2


def source(*, buckets=1, trust=1.0):
    return SegmentPopularity(COUNTS, SEGMENTS, items=ITEMS, lifts=LIFTS, buckets=buckets, trust=trust)


def people(*described):
    """Build features from (age, town, tags)."""
    return EncodedFeatures(
        np.array([age for age, _, _ in described], np.float32).reshape(-1, 2),
        {
            "town": np.array([[town] for _, town, _ in described], np.int32).reshape(-1, 1),
            "tags": np.array([(*tags, 0, 0)[:2] for _, _, tags in described], np.int32).reshape(-1, 2),
        },
    )


def board(found, *described, now=100.0):
    features = people(*described)
    batch = batch_of([[]] * len(described), now=now, features=features)
    return found.scoreboard(batch, sum_up(batch.history, batch.now, (1.0,), things=batch.history.items, width=WIDTH))


def everything(count=1):
    allowed = np.ones((count, WIDTH), np.bool_)
    allowed[:, 0] = False
    return allowed


def test_a_score_is_what_is_popular_now_times_the_lifts():
    found = board(source(), (OLD, ASH, (TAG,)))
    every = TAKINGS[2] / (1 + TAKINGS[2].sum())
    scores = found.at(np.arange(WIDTH, dtype=np.int32)[None])[0]
    # In the last bucket 1 of item 1, 4 of item 2 and 1 of item 3 were taken.
    assert scores == pytest.approx([0, (1 + every[1]) * 16, 4 + every[2], (1 + every[3]) * 4, 0, every[5]], rel=1e-5)
    items, own = found.best(6, everything())
    assert items[0].tolist() == [1, 3, 2, 5, 0, 0]
    assert own[0, :4] == pytest.approx(scores[[1, 3, 2, 5]])
    assert np.isneginf(own[0, 4:]).all()


def test_trust_is_a_power_of_the_lifts():
    half, whole = (board(source(trust=trust), (OLD, ASH, ())).at(np.array([[1]], np.int32)) for trust in (0.5, 1.0))
    assert whole / half == pytest.approx(4.0)


def test_customers_of_different_features_get_different_lists():
    found = board(source(), (NOBODY_KNOWS, ASH, ()), (NOBODY_KNOWS, BIRCH, ()), (NOBODY_KNOWS, BIRCH, (TAG,)))
    # Those of Ash take item 1 eight times as often as expected; the tag quadruples item 3.
    assert found.best(3, everything(3))[0].tolist() == [[1, 2, 3], [2, 1, 3], [3, 2, 1]]


def test_of_whom_no_feature_is_known_nothing_is_said():
    unseen = (NOBODY_KNOWS, 1, (1,))
    found = board(source(), (NOBODY_KNOWS, 0, ()), unseen, ((0.5, 0.0), 0, ()))
    assert not found.best(3, everything(3))[0].any()
    assert not found.at(np.tile(ITEMS, (3, 1))).any()


def test_only_what_is_allowed_is_proposed_and_ties_go_by_row():
    allowed = everything()
    allowed[0, 2] = False
    found = board(source(buckets=2), (YOUNG, 0, ()))
    assert found.best(2, allowed)[0].tolist() == [[5, 1]]
    level = SegmentPopularity(
        COUNTS, SEGMENTS, items=ITEMS[:2], lifts=np.zeros((5, 2), np.float32), buckets=1, trust=1.0
    )  # fmt: skip
    level._logs[2] = np.zeros(2, np.float32)
    assert board(level, (YOUNG, 0, ())).best(2, everything())[0].tolist() == [[1, 2]]


@given(st.lists(st.tuples(st.sampled_from([OLD, YOUNG, NOBODY_KNOWS]), st.integers(0, 3), st.lists(st.integers(1, 2),
       max_size=2)), max_size=5), st.lists(st.sampled_from([10.0, 60.0, 200.0]), min_size=5, max_size=5))  # fmt: skip
def test_a_customer_gets_the_same_alone_and_in_a_batch(described, moments):
    described = [(age, town, tuple(tags)) for age, town, tags in described]
    found = board(source(trust=0.5), *described, now=moments[: len(described)])
    items, scores = found.best(4, everything(len(described)))
    for row, one in enumerate(described):
        alone = board(source(trust=0.5), one, now=moments[row])
        own_items, own_scores = alone.best(4, everything())
        np.testing.assert_array_equal(own_items[0], items[row])
        np.testing.assert_array_equal(own_scores[0], scores[row])
        np.testing.assert_array_equal(alone.at(ITEMS[None])[0], found.at(np.tile(ITEMS, (len(described), 1)))[row])


def test_packed_and_unpacked_it_answers_the_same():
    class Arrays:
        def __init__(self, parts):
            self.parts = parts

        def array(self, name):
            return self.parts.arrays[name]

    parts = Parts()
    documents = pack_sources(parts, {"segment_popularity": source(trust=0.25)})
    found = unpack_sources(Arrays(parts), documents, COUNTS)["segment_popularity"]
    asked = [(OLD, BIRCH, (TAG,)), (NOBODY_KNOWS, 0, ())]
    before, after = (board(one, *asked).best(5, everything(2)) for one in (source(trust=0.25), found))
    np.testing.assert_array_equal(before, after)
    assert (found.buckets, found.trust) == (1, 0.25)
