"""What a bundle has of a log is told event by event, whatever the order in which it stands there."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from small_logs import dataset_of, timeless

from shortlist_training.origin.rows import carried_rows
from shortlist_training.origin.seen import seen_first


def known(dataset):
    """Return a bundle that was trained on a dataset, as far as this is about."""
    snapshot = SimpleNamespace(events=dataset.events)
    return SimpleNamespace(model=SimpleNamespace(customers=dataset.customers, items=dataset.items, snapshot=snapshot))


def told(before, now):
    origin = known(before)
    return seen_first(origin, now, carried_rows(origin, now))


def by_customer(dataset, counts):
    return {dataset.customers.id(row): int(counts[row]) for row in range(1, dataset.customer_rows)}


def test_what_came_after_the_last_known_event_is_new():
    before = dataset_of([("a", "x", 1.0), ("a", "y", 2.0), ("b", "x", 5.0)])
    now = dataset_of([("a", "x", 1.0), ("a", "y", 2.0), ("b", "x", 5.0), ("a", "z", 3.0), ("c", "x", 1.0)])
    assert by_customer(now, told(before, now)[1]) == {"a": 2, "b": 1, "c": 0}


def test_of_one_moment_a_part_may_be_new():
    before = dataset_of([("a", "x", 1.0), ("a", "y", 2.0)])
    now = dataset_of([("a", "x", 1.0), ("a", "y", 2.0), ("a", "z", 2.0)])
    assert by_customer(now, told(before, now)[1]) == {"a": 2}


def test_a_log_that_begins_later_has_seen_what_it_still_holds():
    before = dataset_of([("a", "x", 1.0), ("a", "y", 2.0), ("a", "x", 3.0)])
    now = dataset_of([("a", "y", 2.0), ("a", "x", 3.0), ("a", "z", 4.0)])
    assert by_customer(now, told(before, now)[1]) == {"a": 2}


def test_without_times_the_known_come_first():
    before = timeless([("a", "x"), ("a", "y"), ("a", "x"), ("gone", "x")])
    now = timeless([("a", "z"), ("a", "x"), ("a", "y"), ("a", "x"), ("a", "x"), ("b", "x")])
    moved, counts = told(before, now)
    assert by_customer(now, counts) == {"a": 3, "b": 0}
    own = moved.items.ids(moved.events.items_of(moved.customers.row("a")))
    assert sorted(own[:3]) == ["x", "x", "y"]
    assert sorted(own[3:]) == ["x", "z"]


pairs = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1, max_size=15)


@given(old=pairs, new=pairs)
def test_without_times_as_much_is_known_as_was_there(old, new):
    now = timeless([*old, *new])
    moved, counts = told(timeless(old), now)
    for customer in {one for one, _ in old}:
        row = now.customers.row(customer)
        assert counts[row] == sum(one == customer for one, _ in old)
        first = moved.items.ids(moved.events.items_of(row)[: counts[row]])
        assert sorted(first) == sorted(item for one, item in old if one == customer)
    assert np.array_equal(np.sort(moved.events.items), np.sort(now.events.items))
