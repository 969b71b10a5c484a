import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_logs import all_events, dataset_of, timeless

from shortlist_training.fitting.moments import find_moments

COLUMNS = ("customer_id", "item_id", "timestamp", "order_id")
ROWS = [
    ("a", "x", 1.0, "o1"),
    ("a", "y", 1.0, "o1"),
    ("a", "z", 2.0, None),
    ("a", "x", 3.0, "o2"),
    ("a", "y", 3.0, "o2"),
    ("b", "z", 1.0, "o3"),
]


def asked(dataset, moments):
    """Return (customer, how many events are given, the items asked for) of every moment."""
    events = dataset.events
    return [
        (dataset.customers.id(int(row)), int(a - events.offsets[row]), dataset.items.ids(events.items[a:b]))
        for row, a, b in zip(moments.customers, moments.positions, moments.stops, strict=True)
    ]


def test_an_order_is_asked_for_together_with_what_came_before_it_as_history():
    dataset = dataset_of(ROWS, columns=COLUMNS)
    assert asked(dataset, find_moments(dataset, all_events(dataset), targets=2)) == [
        ("a", 0, ["x", "y"]),
        ("a", 2, ["z"]),
        ("a", 3, ["x", "y"]),
        ("b", 0, ["z"]),
    ]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (0, []),
        (1, [("a", 0, ["x"])]),
        (3, [("a", 0, ["x", "y"]), ("a", 2, ["z"])]),
        (4, [("a", 0, ["x", "y"]), ("a", 2, ["z"]), ("a", 3, ["x"])]),
    ],
)
def test_nothing_beyond_the_limit_is_asked_for(limit, expected):
    dataset = dataset_of(ROWS, columns=COLUMNS)
    assert asked(dataset, find_moments(dataset, np.array([0, limit, 0]), targets=9)) == expected


def test_without_times_the_next_few_events_are_asked_for():
    dataset = timeless([("a", f"i{n}") for n in range(5)] + [("b", "i0")])
    found = asked(dataset, find_moments(dataset, np.array([0, 4, 1]), targets=2))
    order = dataset.items.ids(dataset.events.items[:5])
    assert found == [
        ("a", 0, order[0:2]),
        ("a", 1, order[1:3]),
        ("a", 2, order[2:4]),
        ("a", 3, order[3:4]),
        ("b", 0, ["i0"]),
    ]


EVENT = st.tuples(
    st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 4).map(float), st.sampled_from([None, "o1", "o2"])
)


@settings(deadline=None, max_examples=60)
@given(st.lists(EVENT, min_size=1, max_size=25), st.booleans(), st.data())
def test_every_visible_event_is_asked_for_and_none_beyond(events, has_times, data):
    columns = COLUMNS if has_times else ("customer_id", "item_id", "order_id")
    rows = events if has_times else [(customer, item, order) for customer, item, _, order in events]
    dataset = dataset_of(rows, columns=columns)
    lengths, offsets = dataset.events.lengths, dataset.events.offsets
    limits = np.array([data.draw(st.integers(0, int(length) + 3)) for length in lengths])
    moments = find_moments(dataset, limits, targets=3)
    stops = offsets[:-1] + np.minimum(limits, lengths)
    assert (moments.stops <= stops[moments.customers]).all()
    assert (moments.positions < moments.stops).all()
    assert (moments.positions >= offsets[moments.customers]).all()
    covered = {n for a, b in zip(moments.positions, moments.stops, strict=True) for n in range(a, b)}
    visible = {n for row in range(len(lengths)) for n in range(offsets[row], stops[row])}
    assert covered <= visible
    if has_times:
        assert covered == visible
