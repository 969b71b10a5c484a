from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from arrays import ROWS, histories
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.signals.past import mixed, sum_up

HALF_LIVES = st.lists(st.sampled_from([0.5, 3.0, 50.0, float("inf")]), min_size=1, max_size=3).map(tuple)


def slowly(rows, now, half_lives, thing_of):
    """Say the same with dictionaries: (customer, thing) -> (count, decayed counts, since, gap)."""
    moments = defaultdict(list)
    for customer, row in enumerate(rows):
        for item, time, _ in row:
            if thing_of[item]:
                moments[customer, thing_of[item]].append(time)
    sums = {}
    for (customer, thing), times in moments.items():
        ages = [max(now[customer] - time, 0.0) for time in times]
        distinct = sorted(set(times))
        gaps = [b - a for a, b in pairwise(distinct)]
        decayed = [sum(0.5 ** (age / half_life) for age in ages) for half_life in half_lives]
        sums[customer, thing] = (len(times), decayed, min(ages), sum(gaps) / len(gaps) if gaps else 0.0)
    return sums


@given(ROWS, HALF_LIVES, st.sampled_from([4, 10_000]), st.data())
def test_the_sums_are_those_of_a_dictionary(rows, half_lives, width, data):
    """Few things are marked while they are summed up, many are sorted."""
    now = [data.draw(st.floats(0, 40)) for _ in rows]
    thing_of = data.draw(st.lists(st.integers(0, 3), min_size=7, max_size=7))
    table = histories(rows)
    things = np.array(thing_of, np.int32)[table.items]
    past = sum_up(table, np.array(now, np.float64), half_lives, things=things, width=width)
    expected = slowly(rows, now, half_lives, thing_of)
    assert list(zip(past.owners.tolist(), past.things.tolist(), strict=True)) == sorted(expected)
    for position, key in enumerate(sorted(expected)):
        count, decayed, since, gap = expected[key]
        assert past.counts[position] == count
        assert past.decayed[position].tolist() == pytest.approx(decayed, rel=1e-5)
        assert past.since[position] == pytest.approx(since, rel=1e-6)
        assert past.gap[position] == pytest.approx(gap, rel=1e-6)
    assert {past.counts.dtype, past.decayed.dtype, past.since.dtype, past.gap.dtype} == {np.dtype(np.float32)}
    assert past.decayed.shape == (len(expected), len(half_lives))


def test_thing_zero_is_nobody_and_left_out():
    table = histories([[(0, 1), (2, 1), (0, 5)]])
    past = sum_up(table, np.array([5.0]), (1.0,), things=table.items, width=3)
    assert past.things.tolist() == [2]


def test_takings_at_one_moment_are_no_repeat_in_time():
    table = histories([[(1, 10), (1, 10), (1, 16), (1, 16)]])
    past = sum_up(table, np.array([20.0]), (4.0,), things=table.items, width=2)
    assert past.counts.tolist() == [4]
    assert past.gap.tolist() == [6]
    assert past.since.tolist() == [4]
    assert past.decayed.tolist() == [[pytest.approx(2 * 2**-2.5 + 2 * 0.5)]]


def test_an_infinite_half_life_counts():
    table = histories([[(1, 0), (1, 1e9)]])
    past = sum_up(table, np.array([2e9]), (float("inf"),), things=table.items, width=2)
    assert past.decayed.tolist() == [[2.0]]


def test_an_event_after_now_counts_as_of_now():
    table = histories([[(1, 50)]])
    past = sum_up(table, np.array([20.0]), (4.0,), things=table.items, width=2)
    assert (past.since.tolist(), past.decayed.tolist()) == ([0], [[1]])


def test_empty_histories_have_an_empty_past():
    past = sum_up(histories([[], []]), np.zeros(2), (1.0, 2.0), things=np.zeros(0, np.int32), width=5)
    assert past.decayed.shape == (0, 2)


@pytest.mark.parametrize("length", [1, 7, 64, 1_001])
def test_things_taken_alike_are_mixed_alike_wherever_they_stand(length):
    decayed = np.tile(np.array([0.1, 0.7, 1.3], np.float32), (length, 1))
    found = mixed(decayed, np.array([0.3, 0.5, 0.2], np.float32))
    assert len(set(found.tolist())) == 1
    assert found[0] == pytest.approx(0.64)
