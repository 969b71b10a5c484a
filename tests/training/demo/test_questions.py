import pytest

from shortlist_client import Unsupported
from shortlist_training.demo import questions
from shortlist_training.demo.questions import REPEATS, timed


def test_the_first_call_is_not_in_the_median(monkeypatch):
    # Each call reads the clock twice: the first takes 5 s, the others 1 s.
    moments = iter([0.0, 5.0, *(float(n // 2 + n % 2) for n in range(2 * REPEATS))])
    monkeypatch.setattr(questions.time, "perf_counter", lambda: next(moments))
    answers = iter(range(REPEATS + 1))
    found = timed(lambda: next(answers))

    assert (found.first, found.median) == (5000.0, 1000.0)
    assert found.answer == REPEATS


def test_a_server_without_similar_items_is_no_error():
    class Shortlist:
        def similar_items(self, *_arguments, **_settings):
            raise Unsupported("needs a bundle with item vectors")

    assert questions._similar(Shortlist(), "i0") is None


def test_other_errors_come_through():
    class Shortlist:
        def similar_items(self, *_arguments, **_settings):
            raise ConnectionError

    with pytest.raises(ConnectionError):
        questions._similar(Shortlist(), "i0")
