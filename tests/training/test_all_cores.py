"""Work on all cores gives what one after the other would, in that order, and does not run ahead."""

import pytest
from threadpoolctl import threadpool_info

from shortlist_training.all_cores import on_all_cores


def test_what_is_found_comes_in_the_order_of_the_parts():
    assert list(on_all_cores(lambda number: number * number, range(50))) == [number**2 for number in range(50)]
    assert list(on_all_cores(abs, [])) == []


def test_parts_are_drawn_as_they_are_needed():
    drawn = []

    def parts():
        for number in range(1000):
            drawn.append(number)
            yield number

    found = on_all_cores(abs, parts())
    next(found)
    assert len(drawn) < 1000
    found.close()


def test_a_part_that_fails_is_heard_of():
    def fail(number):
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        list(on_all_cores(fail, range(3)))


def test_each_part_is_computed_by_one_core():
    before = [library["num_threads"] for library in threadpool_info()]
    (threads,) = on_all_cores(lambda _: [library["num_threads"] for library in threadpool_info()], [0])
    assert set(threads) == {1}
    assert [library["num_threads"] for library in threadpool_info()] == before
