"""Windows over what is new never reach back into what was seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_logs import dataset_of, timeless

from shortlist_training.split.plan import SplitKind
from shortlist_training.split.since import MOST, STEPS, windows_since


def spread(customers=60, *, events=48, days=480.0):
    """Every customer takes something every ten days."""
    return dataset_of(
        sorted(
            [
                (f"c{customer}", f"i{(customer + n) % 9}", days * n / (events - 1))
                for customer in range(customers)
                for n in range(events)
            ],
            key=lambda event: event[2],
        )
    )


def seen_until(dataset, moment):
    events = dataset.events
    return np.bincount(events.owners, weights=events.times <= moment, minlength=len(events)).astype(np.int64)


def test_windows_by_time_begin_where_counts_have_borders():
    dataset = spread()
    seen = seen_until(dataset, 395.0)
    *labels, newest = windows_since(dataset, seen, SplitKind.TIME)
    borders = np.linspace(0.0, 480.0, STEPS + 1)
    assert len(labels) == 1
    assert newest.as_of[0] == borders[44]
    assert labels[0].as_of[0] == borders[40]
    assert (labels[0].starts >= seen).all()
    np.testing.assert_array_equal(labels[0].stops, newest.starts)
    np.testing.assert_array_equal(newest.stops, dataset.events.lengths)


def test_a_bundle_of_long_ago_has_as_many_windows_as_a_scorer_learns_from():
    dataset = spread()
    windows = windows_since(dataset, seen_until(dataset, 15.0), SplitKind.TIME)
    assert len(windows) == MOST


def test_little_news_is_one_window():
    dataset = spread()
    seen = seen_until(dataset, 470.0)
    (only,) = windows_since(dataset, seen, SplitKind.TIME)
    np.testing.assert_array_equal(only.starts, seen)
    np.testing.assert_array_equal(only.stops, dataset.events.lengths)


def test_no_news_is_no_window():
    dataset = spread()
    assert windows_since(dataset, dataset.events.lengths, SplitKind.TIME) == ()


def test_what_came_late_is_asked_by_customer():
    dataset = spread(customers=5)
    seen = dataset.events.lengths.copy()
    seen[2] -= 3
    seen[1] -= 1
    windows = windows_since(dataset, np.where(np.arange(6) == 5, 48, seen), SplitKind.TIME)
    assert [list(window.rows) for window in windows] == [[2], [2], [1, 2]]


def test_last_events_stop_at_what_was_seen():
    dataset = spread(customers=3, events=10)
    windows = windows_since(dataset, np.array([0, 10, 9, 0]), SplitKind.LAST)
    newest = windows[-1]
    assert list(newest.rows) == [2, 3]
    # A new customer has a first event, before which there is nothing to ask by.
    assert all((window.starts[window.rows] >= 1).all() for window in windows)
    assert len(windows) == 1 + MOST


def test_without_times_news_is_cut_in_two():
    dataset = timeless([(f"c{n % 4}", f"i{n}") for n in range(40)])
    labels, newest = windows_since(dataset, np.array([0, 6, 6, 10, 0]), SplitKind.RANDOM)
    assert list(labels.starts[1:]) == [6, 6, 10, 1]
    assert list(labels.stops[1:]) == [8, 8, 10, 5]
    np.testing.assert_array_equal(newest.starts, labels.stops)
    assert list(newest.stops[1:]) == [10, 10, 10, 10]


@pytest.mark.parametrize("kind", list(SplitKind))
@given(data=st.data())
def test_nothing_that_was_seen_is_asked(kind, data):
    moments = data.draw(st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=12), min_size=1, max_size=6))
    dataset = dataset_of(
        sorted(
            [(f"c{n}", f"i{m % 5}", float(m)) for n, own in enumerate(moments) for m in own], key=lambda event: event[2]
        )
    )
    seen = seen_until(dataset, float(data.draw(st.integers(-1, 60))))
    stops = None
    for window in windows_since(dataset, seen, kind):
        rows = window.rows
        assert (window.starts[rows] >= seen[rows]).all()
        assert (window.stops <= dataset.events.lengths).all()
        if stops is not None:
            assert (window.starts[rows] >= stops[rows]).all()
        stops = window.stops
