import numpy as np
import pytest
from arrays import ROWS, histories, lists
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_bundle.state.histories import Histories


@given(ROWS)
def test_lengths_and_owners_say_whose_an_event_is(rows):
    table = histories(rows)
    assert len(table) == len(rows)
    assert table.lengths.tolist() == [len(row) for row in rows]
    assert table.owners.tolist() == [number for number, row in enumerate(rows) for _ in row]


@given(ROWS, st.data())
def test_take_returns_the_named_rows_in_the_named_order(rows, data):
    index = data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=8) if rows else st.just([]))
    taken = histories(rows).take(np.array(index, np.int64))
    assert lists(taken) == [rows[number] for number in index]
    _assert_types(taken)


@given(ROWS, st.data())
def test_slice_cuts_each_customer_at_its_own_positions(rows, data):
    index = data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=8) if rows else st.just([]))
    bounds = [
        sorted(data.draw(st.lists(st.integers(0, len(rows[number])), min_size=2, max_size=2))) for number in index
    ]
    starts, stops = (np.array([pair[end] for pair in bounds], np.int64) for end in (0, 1))
    cut = histories(rows).slice(np.array(index, np.int64), starts, stops)
    assert lists(cut) == [rows[number][a:b] for number, (a, b) in zip(index, bounds, strict=True)]
    _assert_types(cut)


def test_a_slice_that_ends_before_it_starts_is_empty():
    table = histories([[(1, 1), (2, 2)], [(3, 3)]])
    assert lists(table.slice(np.array([0, 1]), np.array([2, 0]), np.array([1, 1]))) == [[], [(3, 3.0, 1.0)]]


@given(ROWS, st.integers(0, 8))
def test_last_keeps_the_newest(rows, limit):
    assert lists(histories(rows).last(limit)) == [row[max(len(row) - limit, 0) :] for row in rows]


@given(ROWS, st.integers(0, 8))
def test_padded_lists_the_newest_first_and_fills_with_zero(rows, width):
    padded = histories(rows).padded(width)
    assert padded.dtype == np.int32
    assert padded.shape == (len(rows), width)
    newest = [[item for item, _, _ in reversed(row)][:width] for row in rows]
    assert padded.tolist() == [items + [0] * (width - len(items)) for items in newest]


@given(ROWS, st.data())
def test_extended_merges_by_time_and_keeps_the_stored_event_first_where_times_are_equal(rows, data):
    others = data.draw(
        st.lists(
            st.lists(st.tuples(st.integers(0, 6), st.integers(0, 20), st.just(9)), max_size=4).map(
                lambda events: sorted(events, key=lambda event: event[1])
            ),
            min_size=len(rows),
            max_size=len(rows),
        )
    )
    extended = histories(rows).extended(histories(others))
    expected = [sorted(row + other, key=lambda event: event[1]) for row, other in zip(rows, others, strict=True)]
    assert lists(extended) == expected
    _assert_types(extended)


@given(ROWS, st.integers(1, 4))
def test_chunks_cover_every_customer_once_in_order(rows, size):
    parts = list(histories(rows).chunks(size))
    assert [row for _, part in parts for row in lists(part)] == rows
    assert [number for where, _ in parts for number in range(where.start, where.stop)] == list(range(len(rows)))
    assert all(len(part) == where.stop - where.start <= size for where, part in parts)


@settings(max_examples=5)
@given(st.integers(0, 4))
def test_empty_histories_answer_every_question(count):
    table = Histories.empty(count)
    assert lists(table) == [[]] * count
    assert lists(table.last(3)) == [[]] * count
    assert table.padded(2).tolist() == [[0, 0]] * count
    assert lists(table.extended(Histories.empty(count))) == [[]] * count
    assert len(table.take(np.arange(count))) == count


def test_arrays_that_disagree_are_refused():
    with pytest.raises(ValueError, match="3 items, 3 times, offsets end at 2"):
        Histories(
            offsets=np.array([0, 2]),
            items=np.zeros(3, np.int32),
            times=np.zeros(3),
            values=np.zeros(3, np.float32),
        )


def _assert_types(table):
    assert (table.offsets.dtype, table.items.dtype) == (np.int64, np.int32)
    assert (table.times.dtype, table.values.dtype) == (np.float64, np.float32)


@given(ROWS, ROWS)
def test_histories_that_are_in_order_are_merged_as_they_would_be_sorted(rows, more):
    count = max(len(rows), len(more))
    one, other = (histories([*part, *[[]] * (count - len(part))]) for part in (rows, more))
    assert lists(one.followed(other)) == lists(one.extended(other))
