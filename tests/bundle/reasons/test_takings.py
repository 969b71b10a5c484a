import numpy as np
from arrays import batch_of
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.reasons.takings import takings
from shortlist_bundle.signals.past import sum_up


def past_of(rows, now=100.0):
    batch = batch_of(rows, now=now)
    return sum_up(batch.history, batch.now, (10.0,), things=batch.history.items, width=7)


def test_how_often_how_long_ago_and_how_regularly():
    past = past_of([[(2, 10), (3, 20), (2, 40), (2, 70)], [], [(3, 90)]])
    found = takings(past, np.array([[2, 3, 4], [2, 0, 3], [3, 2, 0]], np.int32))
    assert found.counts.tolist() == [[3, 1, 0], [0, 0, 0], [1, 0, 0]]
    assert found.since.tolist() == [[30, 80, 0], [0, 0, 0], [10, 0, 0]]
    assert found.gap.tolist() == [[30, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_nobody_has_taken_anything():
    found = takings(past_of([[], []]), np.array([[1, 2], [0, 6]], np.int32))
    assert not found.counts.any()
    assert found.since.shape == (2, 2)


@given(st.lists(st.lists(st.tuples(st.integers(0, 6), st.just(5)), max_size=9), min_size=1, max_size=4))
def test_counts_are_those_of_the_history(rows):
    items = np.tile(np.arange(7, dtype=np.int32), (len(rows), 1))
    counts = takings(past_of(rows), items).counts
    assert counts.tolist() == [[sum(one == item for one, _ in row) * (item > 0) for item in range(7)] for row in rows]
