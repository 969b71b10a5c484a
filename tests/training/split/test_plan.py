from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_logs import dataset_of, timeless

from shortlist_training.errors import ConfigError
from shortlist_training.split.plan import SplitKind, plan_split

LOG = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("uvwxyz"), st.integers(0, 30).map(float)),
    min_size=1,
    max_size=60,
)


def panel(customers=80, weeks=50, seed=0):
    """Draw households who come back every few days for a year."""
    random = np.random.default_rng(seed)
    return dataset_of(
        [
            (f"c{customer}", f"i{random.integers(20)}", float(time))
            for customer in range(customers)
            for time in np.sort(random.uniform(0, weeks * 7, 60))
        ]
    )


def visitors(customers=400, seed=0):
    """Draw visitors who come once, each at a moment of the own, and never again."""
    random = np.random.default_rng(seed)
    return dataset_of(
        [
            (f"c{customer}", f"i{random.integers(20)}", float(start + step))
            for customer, start in enumerate(random.uniform(0, 1e6, customers))
            for step in range(10)
        ]
    )


def assert_no_leak(dataset, plan):
    events = dataset.events
    assert len(plan.windows) == (7 if plan.kind is SplitKind.LAST else 3)
    assert plan.windows == (*plan.scorers, plan.tune, plan.judge)
    assert plan.scorer is plan.scorers[-1]
    assert plan.given is plan.windows[0].starts
    for window in plan.windows:
        assert (window.starts >= 0).all()
        assert (window.starts <= window.stops).all()
        assert (window.stops <= events.lengths).all()
        assert len(window.starts) == len(window.stops) == len(window.as_of) == dataset.customer_rows
        for row in window.rows:
            given_times = window.given(events, np.array([row])).times
            asked_times = window.asked(events, np.array([row])).times
            assert given_times.max(initial=-np.inf) <= asked_times.min()
            assert given_times.max(initial=-np.inf) <= window.as_of[row] or not dataset.has_times
            assert window.as_of[row] <= asked_times.min()
    # Disjoint, and each has everything before it given.
    for earlier, later in pairwise(plan.windows):
        assert (earlier.stops <= later.starts).all()


@settings(deadline=None, max_examples=60)
@given(LOG, st.sampled_from([None, *SplitKind]))
def test_no_plan_asks_for_anything_earlier_than_what_it_gives(events, kind):
    dataset = dataset_of(events)
    plan = plan_split(dataset, kind)
    assert plan.kind is kind or kind is None
    assert_no_leak(dataset, plan)


@settings(deadline=None, max_examples=40)
@given(LOG, st.sampled_from([None, SplitKind.LAST, SplitKind.RANDOM]))
def test_no_plan_leaks_in_a_log_without_times(events, kind):
    dataset = timeless([event[:2] for event in events])
    plan = plan_split(dataset, kind)
    assert plan.kind is (kind or SplitKind.RANDOM)
    assert_no_leak(dataset, plan)


@settings(deadline=None, max_examples=30)
@given(LOG.flatmap(lambda log: st.tuples(st.just(log), st.permutations(log))))
def test_in_a_log_without_times_the_order_of_rows_changes_no_window(logs):
    asked = []
    for events in logs:
        dataset = timeless([event[:2] for event in events])
        window = plan_split(dataset).judge
        asked.append(window.asked(dataset.events, window.rows).items.tolist())
    assert asked[0] == asked[1]


def test_time_windows_are_the_last_three_twelfths_of_the_log():
    dataset = dataset_of([("a", "x", float(day)) for day in range(121)])
    plan = plan_split(dataset, SplitKind.TIME)
    assert plan.length == 10
    assert [int(window.starts[1]) for window in plan.windows] == [90, 100, 110]
    assert [int(window.stops[1]) for window in plan.windows] == [100, 110, 121]
    assert [window.as_of[1] for window in plan.windows] == [90, 100, 110]


def test_last_windows_take_one_one_and_up_to_five_events():
    dataset = dataset_of(
        [(name, "x", float(day)) for name, days in (("a", 3), ("b", 4), ("c", 8), ("d", 40)) for day in range(days)]
    )
    plan = plan_split(dataset, SplitKind.LAST)
    assert plan.judge.starts.tolist() == [0, 3, 3, 7, 39]
    assert plan.judge.stops.tolist() == [0, 3, 4, 8, 40]
    assert plan.tune.starts.tolist() == [0, 3, 2, 6, 38]
    assert plan.given.tolist() == [0, 3, 1, 4, 33]
    asked = [(window.stops - window.starts).tolist() for window in plan.scorers]
    assert asked == [[0, 0, 0, 0, 1]] * 3 + [[0, 0, 0, 1, 1], [0, 0, 1, 1, 1]]
    assert plan.judge.as_of[1:].tolist()[1:] == [3, 7, 39]


def test_random_windows_take_a_share_of_each_customer():
    dataset = timeless([(name, f"i{n}") for name, count in (("a", 3), ("b", 4), ("c", 40)) for n in range(count)])
    plan = plan_split(dataset, share=0.1)
    assert [(window.stops - window.starts).tolist() for window in plan.windows] == [[0, 0, 1, 4]] * 3
    assert plan.judge.stops.tolist() == [0, 3, 4, 40]


def test_a_panel_with_long_histories_is_split_by_time():
    plan = plan_split(panel())
    assert plan.kind is SplitKind.TIME
    assert "enough customers" in plan.reason


def test_visitors_of_one_session_are_split_by_their_last_events():
    plan = plan_split(visitors())
    assert plan.kind is SplitKind.LAST
    assert "a global time window would keep" in plan.reason


def test_a_log_without_times_is_split_at_random():
    plan = plan_split(timeless([("a", "x"), ("a", "y")]))
    assert plan.kind is SplitKind.RANDOM
    assert plan.reason == "the log has no times"


def test_one_moment_for_everything_is_no_time_to_split_by():
    plan = plan_split(dataset_of([(f"c{n}", f"i{m}", 5.0) for n in range(60) for m in range(9)]))
    assert plan.kind is SplitKind.LAST


@pytest.mark.parametrize("kind", list(SplitKind))
def test_whoever_asks_for_a_kind_gets_it(kind):
    plan = plan_split(visitors(customers=20), kind)
    assert (plan.kind, plan.reason) == (kind, "asked for")


def test_a_log_without_times_cannot_be_split_by_time():
    with pytest.raises(ConfigError, match=r"\[split\] kind = \"time\".*no times"):
        plan_split(timeless([("a", "x")]), SplitKind.TIME)


@pytest.mark.parametrize("kind", [None, *SplitKind])
def test_the_smallest_logs_have_a_plan(kind):
    for events in ([("a", "x", 1.0)], [("a", "x", 1.0), ("a", "y", 1.0)], [("a", "x", 1.0), ("b", "x", 2.0)]):
        dataset = dataset_of(events)
        assert_no_leak(dataset, plan_split(dataset, kind))


def test_a_window_of_time_starts_at_a_border_of_the_counts():
    """Without this, popularity at the window's start would be a bucket old, at the mercy of rounding."""
    from shortlist_training.retrieval.counting import count_items

    random = np.random.default_rng(0)
    for start, end in random.uniform(1.4e9, 1.7e9, (200, 2)).tolist():
        first, last = sorted((start, end))
        dataset = dataset_of([("a", "x", first), ("a", "y", last)])
        edges = count_items(dataset, dataset.events.lengths).edges
        for back, window in enumerate(reversed(plan_split(dataset, SplitKind.TIME).windows), start=1):
            assert window.as_of[1] == edges[48 - 4 * back]
