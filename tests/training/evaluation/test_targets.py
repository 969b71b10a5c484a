import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_logs import dataset_of

from shortlist_training.evaluation.targets import Targets, window_targets
from shortlist_training.split.window import Window

EVENT = st.tuples(st.sampled_from("abcd"), st.sampled_from("uvwxyz"), st.integers(0, 9).map(float))


def targets_by_id(dataset, targets):
    found = {dataset.customers.id(row): set() for row in targets.rows}
    for key in targets.keys.tolist():
        found[dataset.customers.id(targets.rows[key // targets.width])].add(dataset.items.id(key % targets.width))
    return found


@settings(deadline=None)
@given(st.lists(EVENT, min_size=1, max_size=40), st.integers(0, 9), st.booleans())
def test_targets_are_the_distinct_items_of_the_window(events, border, only_new):
    dataset = dataset_of(events)
    lengths = dataset.events.lengths
    before = [sum(c == dataset.customers.id(row) and t < border for c, _, t in events) for row in range(len(lengths))]
    window = Window(starts=np.array(before), stops=lengths, as_of=np.full(len(lengths), float(border)))
    targets = window_targets(dataset.events, window, width=dataset.item_rows, only_new=only_new)
    expected = {}
    for customer in {c for c, _, _ in events}:
        asked = {item for c, item, time in events if c == customer and time >= border}
        given_before = {item for c, item, time in events if c == customer and time < border}
        expected[customer] = asked - given_before if only_new else asked
    expected = {customer: items for customer, items in expected.items() if items}
    assert targets_by_id(dataset, targets) == expected
    assert targets.sizes.tolist() == [len(expected[dataset.customers.id(row)]) for row in targets.rows]
    assert (np.diff(targets.keys) > 0).all()
    assert (np.diff(targets.rows) > 0).all()


EVENTS = [("a", "x", 1.0), ("a", "y", 5.0), ("a", "x", 6.0), ("a", "y", 7.0), ("b", "x", 1.0), ("b", "x", 8.0)]


def planted(only_new):
    dataset = dataset_of(EVENTS)
    window = Window(starts=np.array([0, 1, 1]), stops=np.array([0, 4, 2]), as_of=np.zeros(3))
    return dataset, window_targets(dataset.events, window, width=dataset.item_rows, only_new=only_new)


def test_a_customer_with_nothing_new_is_not_judged_on_new_items():
    assert targets_by_id(*planted(only_new=False)) == {"a": {"x", "y"}, "b": {"x"}}
    assert targets_by_id(*planted(only_new=True)) == {"a": {"y"}}


def test_an_item_outside_the_catalogue_is_no_target():
    dataset, _ = planted(only_new=False)
    events = dataset.events
    unknown = type(events)(
        offsets=events.offsets, items=np.zeros_like(events.items), times=events.times, values=events.values
    )
    window = Window(starts=np.zeros(3, np.int64), stops=events.lengths, as_of=np.zeros(3))
    targets = window_targets(unknown, window, width=dataset.item_rows, only_new=False)
    assert len(targets.rows) == 0
    assert targets.hits(np.zeros((0, 3), np.int32)).shape == (0, 3)


def test_hits_mark_targets_only_and_never_padding():
    dataset, targets = planted(only_new=False)
    x, y = dataset.items.row("x"), dataset.items.row("y")
    assert targets.hits(np.array([[y, 0, x], [y, x, 0]])).tolist() == [[True, False, True], [False, True, False]]


def many():
    return dataset_of([(f"c{n:02}", f"i{m}", float(m)) for n in range(20) for m in range(n % 4 + 1)])


def test_some_customers_targets_can_be_taken_in_any_order_and_twice():
    targets = Targets(
        rows=np.array([3, 5, 9]), width=10, keys=np.array([1, 4, 12, 27, 28, 29]), sizes=np.array([2, 1, 3])
    )
    taken = targets.take(np.array([2, 0, 2]))
    assert taken.rows.tolist() == [9, 3, 9]
    assert taken.keys.tolist() == [7, 8, 9, 11, 14, 27, 28, 29]
    assert taken.sizes.tolist() == [3, 2, 3]
    assert targets.take(np.zeros(0, np.int64)).keys.tolist() == []


@pytest.mark.parametrize("limit", [1, 7, 19, 20, 99])
def test_a_sample_is_some_of_the_customers_with_all_their_targets(limit):
    dataset = many()
    window = Window(starts=np.zeros(21, np.int64), stops=dataset.events.lengths, as_of=np.zeros(21))
    targets = window_targets(dataset.events, window, width=dataset.item_rows, only_new=False)
    sample = targets.sample(limit, seed=4)
    assert len(sample.rows) == len(sample.sizes) == min(limit, 20)
    whole = targets_by_id(dataset, targets)
    assert targets_by_id(dataset, sample) == {id: whole[id] for id in dataset.customers.ids(sample.rows)}
    assert sample.sizes.sum() == len(sample.keys)
    assert (np.diff(sample.rows) > 0).all()
    assert sample.rows.tolist() == targets.sample(limit, seed=4).rows.tolist()
    if limit == 7:
        assert sample.rows.tolist() != targets.sample(limit, seed=5).rows.tolist()
