"""The order of events is that of a plain stable sort, whatever the log looks like."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shortlist_training.dataset.order import ALONE, order_by_time

CUSTOMERS = 4
events = st.lists(st.tuples(st.integers(0, CUSTOMERS - 1), st.integers(0, 3), st.integers(ALONE, 2)), max_size=40)


def columns(rows):
    owners, times, orders = np.array(rows, np.int64).reshape(-1, 3).T
    return owners.astype(np.int32), times.astype(np.float64), orders


@given(events)
def test_without_orders_it_is_a_stable_sort(rows):
    owners, times, _ = columns(rows)
    found = order_by_time(owners, times, None, customers=CUSTOMERS)
    assert found.rows.tolist() == sorted(range(len(rows)), key=lambda row: (owners[row], times[row]))
    assert found.offsets.tolist() == [int((owners < customer).sum()) for customer in range(CUSTOMERS + 1)]


@given(events)
def test_lines_of_an_order_stand_where_its_first_line_stands(rows):
    owners, times, orders = columns(rows)

    def place(row):
        return min(other for other in range(row + 1) if alike(other, row))

    def alike(one, other):
        same = (owners[one], times[one], orders[one]) == (owners[other], times[other], orders[other])
        return one == other or (same and orders[one] != ALONE)

    found = order_by_time(owners, times, orders, customers=CUSTOMERS)
    expected = sorted(range(len(rows)), key=lambda row: (owners[row], times[row], place(row)))
    assert found.rows.tolist() == expected


def test_an_order_at_two_moments_is_two():
    owners, times, orders = columns([(1, 5, 0), (1, 2, 0), (1, 5, 1), (1, 5, 0)])
    assert order_by_time(owners, times, orders, customers=2).rows.tolist() == [1, 0, 3, 2]
