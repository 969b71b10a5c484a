import numpy as np
import pytest
from arrays import batch_of
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.sources.popularity import ItemCounts, Popularity

EDGES = np.linspace(0.0, 40.0, 5)
# Takings per bucket of ten seconds, items 1..3.
BUCKETS = np.array([[0, 5, 0, 1], [0, 5, 1, 1], [0, 0, 2, 1], [0, 0, 2, 1]], np.float32)


def at(now):
    return batch_of([[]] * len(now), now=now)


NOBODY = None
"""Popularity does not look at anybody's past."""
COUNTS = ItemCounts(
    edges=EDGES,
    cumulative=np.concatenate([np.zeros((1, 4), np.float32), BUCKETS.cumsum(axis=0)]),
    repeats=np.zeros(4, np.float32),
    first_seen=np.zeros(4),
)
ALL = np.ones((1, 4), np.bool_)


@pytest.mark.parametrize(
    ("now", "border"), [(-5, 0), (0, 0), (9.9, 0), (10, 1), (39.9, 3), (40, 4), (1e9, 4)], ids=lambda value: f"{value}"
)
def test_a_border_is_never_after_the_moment(now, border):
    assert COUNTS.border(np.array([now], np.float64)).tolist() == [border]


@given(st.floats(-10, 60))
def test_takings_after_the_moment_are_not_counted(now):
    border = int(COUNTS.border(np.array([now]))[0])
    assert border == 0 or EDGES[border] <= now
    assert COUNTS.before(np.array([border])).tolist() == [BUCKETS[:border].sum(axis=0).tolist()]


def test_lately_counts_the_newest_buckets_only():
    borders = np.array([4, 3, 1])
    assert COUNTS.lately(borders, 2).tolist() == [[0, 0, 4, 2], [0, 5, 3, 2], [0, 5, 0, 1]]


def test_recent_takings_rank_before_all_takings():
    popularity = Popularity(COUNTS, buckets=2)
    items, _ = popularity.scoreboard(at(np.array([40.0])), NOBODY).best(3, ALL)
    assert items.tolist() == [[2, 3, 1]]
    items, _ = popularity.scoreboard(at(np.array([20.0])), NOBODY).best(3, ALL)
    assert items.tolist() == [[1, 3, 2]]


def test_all_takings_break_the_ties_of_recent_ones():
    cumulative = np.array([[0, 0, 0, 0], [0, 1, 9, 3], [0, 2, 10, 4]], np.float32)
    counts = ItemCounts(
        edges=np.array([0.0, 1.0, 2.0]), cumulative=cumulative, repeats=np.zeros(4, np.float32), first_seen=np.zeros(4)
    )
    items, scores = Popularity(counts, buckets=1).scoreboard(at(np.array([2.0])), NOBODY).best(3, ALL)
    assert items.tolist() == [[2, 3, 1]]
    assert scores[0] == pytest.approx([1 + 10 / 17, 1 + 4 / 17, 1 + 2 / 17])


def test_each_customer_sees_the_popularity_of_the_own_moment():
    now = np.array([40.0, 20.0, 20.0, 45.0])
    board = Popularity(COUNTS, buckets=2).scoreboard(at(now), NOBODY)
    items, _ = board.best(1, np.ones((4, 4), np.bool_))
    assert items[:, 0].tolist() == [2, 1, 1, 2]
    alone = [
        Popularity(COUNTS, buckets=2).scoreboard(at(now[[row]]), NOBODY).at(np.array([[1, 2, 3]]))[0]
        for row in range(4)
    ]
    assert board.at(np.tile(np.array([1, 2, 3]), (4, 1))).tolist() == np.stack(alone).tolist()


def test_without_times_everything_has_happened():
    counts = ItemCounts(
        edges=np.zeros(2),
        cumulative=np.array([[0, 0, 0], [0, 3, 8]], np.float32),
        repeats=np.zeros(3, np.float32),
        first_seen=np.zeros(3),
    )
    items, _ = Popularity(counts, buckets=8).scoreboard(at(np.zeros(1)), NOBODY).best(2, np.ones((1, 3), np.bool_))
    assert items.tolist() == [[2, 1]]
