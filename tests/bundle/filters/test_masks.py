"""A mask is computed once and kept while it is asked for, and never taken for another."""

import threading

import numpy as np
import pytest
from small_models import ITEMS, catalogue_of, limited

from shortlist_bundle.errors import FilterError
from shortlist_bundle.filters.conditions import All, AnyOf, Equals, Flag, Not, Range, conditions, fingerprint
from shortlist_bundle.filters.masks import CELLS, LEAST, MOST, Masks


class Counting:
    """Evaluates every filter to a mask of its own, and remembers which it was asked for."""

    def __init__(self, width=11):
        self.width, self.asked = width, []

    def __call__(self, filter):
        self.asked.append(filter)
        return np.arange(self.width) % 2 == 1


def test_an_equal_filter_is_evaluated_once():
    count = Counting()
    masks = Masks(count, 11)
    first = masks.of(Equals("kind", "milk"))
    assert masks.of(Equals("kind", "milk")) is first
    assert masks.of(Equals("kind", "nuts")) is not first
    assert masks.of(Equals("kind", "milk")) is first
    assert len(count.asked) == 2
    assert first.count == 5


def test_nobody_can_write_into_a_mask_that_is_kept():
    with pytest.raises(ValueError, match="read-only"):
        Masks(Counting(), 11).of(Flag("new")).mask[0] = True


def test_those_asked_for_least_lately_go_first():
    count = Counting()
    masks = Masks(count, CELLS)
    for number in [*range(LEAST), 0, LEAST, 0, 1]:
        masks.of(Equals("price", number))
    assert [one.value for one in count.asked] == [*range(LEAST + 1), 1]


@pytest.mark.parametrize(("width", "kept"), [(1, MOST), (CELLS // 100, 100), (CELLS, LEAST)])
def test_how_many_are_kept_depends_on_their_size(width, kept):
    count = Counting(2)
    masks = Masks(count, width)
    for number in [*range(kept), *range(kept)]:
        masks.of(Equals("price", number))
    assert len(count.asked) == kept
    masks.of(Equals("price", -1))
    masks.of(Equals("price", 0))
    assert len(count.asked) == kept + 2


def test_values_that_python_calls_equal_are_not_taken_for_each_other():
    """`True == 1 == 1.0`, but a column of numbers refuses True."""
    catalogue = catalogue_of()
    assert catalogue.matching(Equals("price", 1)).count == 1
    with pytest.raises(FilterError):
        catalogue.matching(Equals("price", True))
    prints = {fingerprint(Equals("price", value)) for value in (1, True, 1.0, "1")}
    assert len(prints) == 4


def test_filters_that_say_different_things_have_different_fingerprints():
    filters = [
        Equals("a", "b"),
        AnyOf("a", ("b",)),
        AnyOf("a", ("b", "c")),
        AnyOf("a", ("b', 'c",)),
        All((Flag("a"),)),
        Not(Flag("a")),
        Flag("a"),
        Flag("a", False),
        Range("a", at_least=1),
        Range("a", more_than=1),
        Equals("a\x00", "b"),
        Equals("\ud800", "b"),
    ]
    assert len({fingerprint(one) for one in filters}) == len(filters)


def test_a_filter_that_is_refused_is_refused_again():
    catalogue = catalogue_of()
    for _ in range(2):
        with pytest.raises(FilterError):
            catalogue.matching(Flag("price"))


def test_another_catalogue_has_masks_of_its_own():
    catalogue = catalogue_of()
    milk = catalogue.matching(Equals("kind", "milk"))
    assert catalogue.matching(Equals("kind", "milk")) is milk
    assert limited(catalogue).matching(Equals("kind", "milk")) is not milk


def test_many_threads_find_the_right_masks():
    catalogue = catalogue_of()
    wrong = []

    def ask(seed):
        for number in np.random.default_rng(seed).integers(1, ITEMS + 1, 300):
            mask = catalogue.matching(Equals("since", float(10 * number))).mask
            if np.flatnonzero(mask).tolist() != [number]:
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_conditions_of_a_filter_are_its_leaves():
    filter = All((Flag("a"), Not(All((Equals("b", 1), Range("c"))))))
    assert list(conditions(filter)) == [Flag("a"), Equals("b", 1), Range("c")]
