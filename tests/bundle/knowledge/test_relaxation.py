"""What to give up, against trying every set of musts."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shortlist_bundle.knowledge.relaxation import Relaxation, relaxations, violations


def by_trying(masks):
    """Try every set of musts, small ones first: the minimal ones, and what they free."""
    found = []
    for size in range(1, len(masks) + 1):
        for given_up in combinations(range(len(masks)), size):
            if any(set(smaller.musts) <= set(given_up) for smaller in found):
                continue
            kept = [mask for n, mask in enumerate(masks) if n not in given_up]
            items = sum(all(column) for column in zip(*kept, strict=True)) if kept else len(masks[0])
            if items:
                found.append(Relaxation(given_up, items))
    return tuple(sorted(found, key=lambda one: (len(one.musts), -one.items, one.musts)))


def of(masks, most=100):
    masks = [np.array(mask, np.bool_) for mask in masks]
    return relaxations(violations(masks, len(masks[0])), most)


def test_by_hand():
    red, cheap, new = [1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 1, 0], [0, 0, 1, 1, 0, 1]
    assert of([red, cheap, new]) == (Relaxation((0,), 2), Relaxation((1, 2), 2))
    assert by_trying([red, cheap, new]) == of([red, cheap, new])


def test_the_order_is_fewest_musts_then_most_items_then_the_earlier_musts():
    a, b, c = [0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 0]
    assert of([a, b, c]) == (Relaxation((2,), 2), Relaxation((0,), 1), Relaxation((1,), 1))
    assert of([a, b, c], most=2) == (Relaxation((2,), 2), Relaxation((0,), 1))


@given(
    st.integers(1, 6).flatmap(
        lambda musts: st.lists(st.lists(st.booleans(), min_size=musts, max_size=musts), min_size=1, max_size=12)
    )
)
def test_every_minimal_set_is_found_and_counted(items):
    assume(not any(all(item) for item in items))
    masks = list(zip(*items, strict=True))
    assert of(masks) == by_trying(masks)


def test_sixteen_musts_are_the_most():
    nothing = np.zeros(3, np.bool_)
    assert relaxations(violations([nothing] * 16, 3), 8) == (Relaxation(tuple(range(16)), 3),)
    with pytest.raises(ValueError, match="17 musts; at most 16"):
        violations([nothing] * 17, 3)


def test_no_items_leave_nothing_to_relax():
    assert relaxations(np.zeros(0, np.uint16), 8) == ()
