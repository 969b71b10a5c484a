"""Drawing ahead changes neither what is drawn nor its order."""

import threading

import pytest

from shortlist_training.fitting.ahead import drawn_ahead


def test_the_same_batches_in_the_same_order():
    assert list(drawn_ahead(range(20))) == list(range(20))
    assert list(drawn_ahead([])) == []
    assert list(drawn_ahead([None, ()])) == [None, ()]


def test_the_next_one_is_drawn_while_this_one_is_used():
    second = threading.Event()

    def batches():
        yield 1
        second.set()
        yield 2

    drawn = drawn_ahead(batches())
    assert next(drawn) == 1
    assert second.wait(30)
    assert list(drawn) == [2]


def test_a_batch_that_cannot_be_drawn_is_heard_of():
    def batches():
        yield 1
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        list(drawn_ahead(batches()))
