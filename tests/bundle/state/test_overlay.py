"""What came after the snapshot, laid over it."""

from dataclasses import replace

import numpy as np
import pytest
from arrays import histories, lists
from hypothesis import given
from hypothesis import strategies as st
from small_models import CUSTOMERS, customer, model_of

from shortlist_bundle.errors import FeatureError
from shortlist_bundle.state.snapshot import Snapshot
from shortlist_bundle.state.writing import OverlayLimits, OverlayWriter
from shortlist_bundle.vocabulary import Vocabulary

MODEL = model_of()
NAMES = ("a", "b", "c")
EVENTS = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 5), st.integers(0, 9)), max_size=20)
"""Customer, item and time, in the order in which they were recorded."""


def writer_of(*, limits=None, snapshot=MODEL.snapshot, customers=MODEL.customers):
    return OverlayWriter(snapshot, customers, MODEL.customer_encoder, position=0, limits=limits or OverlayLimits())


def snapshot_of(events, names):
    """Return the snapshot that training would make of events: each customer's in order of time, stable."""
    rows = [[(item, float(time)) for who, item, time in events if who == name] for name in names]
    table = histories([[], *(sorted(row, key=lambda event: event[1]) for row in rows)])
    encoded = MODEL.customer_encoder.empty(len(names) + 1)
    return Snapshot(events=table, encoded=encoded, watermark=len(events))


def taken(state, *customer_ids):
    return lists(state.histories(np.array([state.row(name) for name in customer_ids], np.int32)))


@given(EVENTS, st.integers(0, 20), st.lists(st.integers(1, 3), max_size=20))
def test_the_overlay_of_a_log_that_was_cut_anywhere_is_the_snapshot_of_the_whole_log(events, cut, portions):
    """The histories are equal, however many changes are taken in at a time, and also of customers that are new."""
    before, after = events[:cut], events[cut:]
    known = [name for name in NAMES if any(who == name for who, _, _ in before)]
    writer = writer_of(snapshot=snapshot_of(before, known), customers=Vocabulary(known))
    position = 0
    for size in [*portions, len(after)]:
        for who, item, time in after[position : position + size]:
            position += 1
            writer.take(who, item, time=float(time), value=1.0, position=position)
        state = writer.state
    whole = snapshot_of(events, NAMES)
    assert taken(state, *NAMES) == lists(whole.histories(np.arange(1, 4)))
    assert state.overlay.events == len(after)


def test_a_cut_that_counts_an_event_on_both_sides_shows():
    """The check above can fail: an event that is in the snapshot and in the overlay counts twice."""
    events = [("a", 1, 0), ("a", 2, 1)]
    writer = writer_of(snapshot=snapshot_of(events, ["a"]), customers=Vocabulary(["a"]))
    writer.take("a", 2, time=1.0, value=1.0, position=1)
    assert taken(writer.state, "a") != lists(snapshot_of(events, ["a"]).histories(np.array([1])))


def test_a_state_stays_as_it_was_when_more_comes():
    writer = writer_of()
    writer.take(customer(1), 3, time=101.0, value=2.0, position=1)
    first = writer.state
    seen = taken(first, customer(1))
    assert seen[0][-1] == (3, 101.0, 2.0)
    writer.take(customer(1), 4, time=102.0, value=1.0, position=2)
    writer.take("new", 4, time=102.0, value=1.0, position=3)
    assert taken(first, customer(1)) == seen
    assert first.row("new") == 0
    assert taken(writer.state, "new") == [[(4, 102.0, 1.0)]]


def test_a_new_customer_stands_behind_those_of_the_snapshot():
    writer = writer_of()
    writer.take("new", 4, time=1.0, value=1.0, position=1)
    state = writer.state
    assert state.row("new") == CUSTOMERS + 1
    assert state.row(customer(2)) == MODEL.customers.row(customer(2))
    empty = MODEL.customer_encoder.empty(1)
    np.testing.assert_array_equal(state.features(np.array([CUSTOMERS + 1])).numbers, empty.numbers)


def test_features_are_set_column_by_column_and_cleared():
    writer, encode = writer_of(), MODEL.customer_encoder.encode
    row = MODEL.customers.row(customer(2))
    writer.describe(customer(2), {"age": 55.0, "colour": "red"}, position=1)
    writer.describe(customer(2), {"town": None}, position=2)
    writer.describe("new", {"tags": ("a", "c")}, position=3)
    state = writer.state
    found = state.features(np.array([0, row, state.row("new"), 1], np.int32))
    np.testing.assert_array_equal(found.numbers[1], encode({"age": [55.0]}, 1).numbers[0])
    assert found.bags["town"][1, 0] == 0
    np.testing.assert_array_equal(found.bags["tags"][1], MODEL.snapshot.encoded.bags["tags"][row])
    np.testing.assert_array_equal(found.bags["tags"][2], encode({"tags": [["a", "c"]]}, 1).bags["tags"][0])
    np.testing.assert_array_equal(found.numbers[3], MODEL.snapshot.encoded.numbers[1])
    with pytest.raises(FeatureError):
        writer.describe(customer(2), {"age": "old"}, position=4)


def test_a_forgotten_customer_is_a_stranger_and_comes_back_as_one():
    writer = writer_of()
    writer.take(customer(2), 4, time=101.0, value=1.0, position=1)
    writer.describe(customer(2), {"age": 55.0}, position=2)
    before = writer.state
    writer.forget(customer(2))
    writer.forget("nobody")
    state = writer.state
    assert (before.row(customer(2)), state.row(customer(2))) == (2, 0)
    assert (state.overlay.events, len(state.overlay.takings), len(state.overlay.features)) == (0, 0, 0)
    writer.take(customer(2), 5, time=102.0, value=1.0, position=3)
    again = writer.state
    assert again.row(customer(2)) > CUSTOMERS
    assert taken(again, customer(2)) == [[(5, 102.0, 1.0)]]
    np.testing.assert_array_equal(
        again.features(np.array([again.row(customer(2))])).numbers, MODEL.customer_encoder.empty(1).numbers
    )
    writer.forget(customer(2))
    assert writer.state.row(customer(2)) == 0


def test_one_customer_holds_the_newest_by_time():
    writer = writer_of(limits=OverlayLimits(events_each=2))
    for position, time in enumerate([5.0, 9.0, 7.0, 1.0], start=1):
        writer.take("new", position, time=time, value=1.0, position=position)
    state = writer.state
    assert taken(state, "new") == [[(3, 7.0, 1.0), (2, 9.0, 1.0)]]
    assert (state.overlay.events, state.overlay.dropped) == (2, 2)


def test_all_together_hold_the_newest_of_the_log():
    writer = writer_of(limits=OverlayLimits(entries=2))
    writer.take("a", 1, time=9.0, value=1.0, position=1)
    writer.describe("b", {"age": 30.0}, position=2)
    writer.take("c", 3, time=1.0, value=1.0, position=3)
    state = writer.state
    assert (state.row("a"), state.overlay.dropped) == (0, 1)
    assert state.row("b") > 0
    assert state.row("c") > 0
    writer.take("c", 4, time=2.0, value=1.0, position=4)
    state = writer.state
    assert (state.row("b"), len(state.overlay.rows), state.overlay.dropped) == (0, 1, 2)
    assert taken(state, "c") == [[(3, 1.0, 1.0), (4, 2.0, 1.0)]]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "describe", "forget"]), st.sampled_from([*NAMES, customer(2)]), st.integers(0, 9)
    ),
    max_size=30,
)


@given(STEPS, st.integers(1, 5), st.integers(1, 8), st.sets(st.integers(0, 30)))
def test_what_is_held_stays_bounded_and_depends_on_the_changes_alone(steps, each, entries, looks):
    """Looking at the state in between changes nothing, and no bound is ever passed."""
    limits = OverlayLimits(events_each=each, entries=entries)
    watched, alone = writer_of(limits=limits), writer_of(limits=limits)
    for position, (what, who, number) in enumerate(steps, start=1):
        for writer in (watched, alone):
            if what == "take":
                writer.take(who, number + 1, time=float(number), value=1.0, position=position)
            elif what == "describe":
                writer.describe(who, {"age": 20.0 + number}, position=position)
            else:
                writer.forget(who)
        if position in looks:
            held = watched.state.overlay
            assert held.events + len(held.features) <= entries
    one, other = watched.state, alone.state
    names = [*NAMES, customer(2)]
    assert taken(one, *names) == taken(other, *names)
    rows = [np.array([state.row(name) for name in names], np.int32) for state in (one, other)]
    np.testing.assert_array_equal(one.features(rows[0]).numbers, other.features(rows[1]).numbers)
    assert (one.overlay.events, one.overlay.dropped) == (other.overlay.events, other.overlay.dropped)
    assert len(one.overlay.rows) <= entries


def test_the_position_is_that_of_the_snapshot_until_something_comes():
    writer = OverlayWriter(replace(MODEL.snapshot, position=7), MODEL.customers, MODEL.customer_encoder, position=7)
    assert writer.state.overlay.position == 7
    writer.reach(9)
    assert writer.state.overlay.position == 9
