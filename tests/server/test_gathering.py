import threading
import time

import pytest

from shortlist_server.errors import UnknownCustomer
from shortlist_server.gathering import Gathering
from shortlist_server.pipeline.request import RecommendRequest


class Pipeline:
    """Answers a request with its customer, and notes who was asked together; `open` lets it go on."""

    def __init__(self):
        self.batches = []
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Semaphore(0)

    def recommend(self, requests):
        self.batches.append([request.customer_id for request in requests])
        self.entered.release()
        assert self.open.wait(10)
        if any(request.customer_id == "defect" for request in requests):
            raise ZeroDivisionError("a defect")
        return [
            UnknownCustomer("x") if request.customer_id == "unknown" else request.customer_id for request in requests
        ]


class Callers:
    """Threads that each ask once."""

    def __init__(self, gathering):
        self.gathering = gathering
        self.answers = {}
        self.threads = []

    def ask(self, pipeline, customer):
        def call():
            try:
                self.answers[customer] = self.gathering.recommend(pipeline, RecommendRequest(customer_id=customer))
            except Exception as error:
                self.answers[customer] = error

        waiting = len(self.gathering._waiting)
        self.threads.append(threading.Thread(target=call))
        self.threads[-1].start()
        return waiting

    def queue(self, pipeline, customer):
        waiting = self.ask(pipeline, customer)
        end = time.monotonic() + 10
        while len(self.gathering._waiting) == waiting:
            assert time.monotonic() < end
            time.sleep(0.001)

    def join(self):
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()


@pytest.fixture
def pipeline():
    return Pipeline()


def held(pipeline, callers):
    """Let one caller occupy the engine, so that the next ones have to wait."""
    pipeline.open.clear()
    callers.ask(pipeline, "first")
    assert pipeline.entered.acquire(timeout=10)


def test_a_lone_caller_waits_for_nobody(pipeline):
    gathering = Gathering(largest=4)
    for customer in "ab":
        assert gathering.recommend(pipeline, RecommendRequest(customer_id=customer)) == customer
    assert pipeline.batches == [["a"], ["b"]]


def test_those_who_wait_are_answered_together_in_their_order(pipeline):
    callers = Callers(Gathering(largest=4))
    held(pipeline, callers)
    for customer in "abc":
        callers.queue(pipeline, customer)
    pipeline.open.set()
    callers.join()
    assert pipeline.batches == [["first"], ["a", "b", "c"]]
    assert callers.answers == {customer: customer for customer in ["first", "a", "b", "c"]}


def test_a_batch_has_a_largest_size(pipeline):
    callers = Callers(Gathering(largest=2))
    held(pipeline, callers)
    for customer in "abc":
        callers.queue(pipeline, customer)
    pipeline.open.set()
    callers.join()
    assert pipeline.batches == [["first"], ["a", "b"], ["c"]]


def test_requests_for_another_bundle_are_never_mixed_in(pipeline):
    other = Pipeline()
    callers = Callers(Gathering(largest=8))
    held(pipeline, callers)
    for which, customer in ((pipeline, "a"), (other, "b"), (other, "c"), (pipeline, "d")):
        callers.queue(which, customer)
    pipeline.open.set()
    callers.join()
    assert pipeline.batches == [["first"], ["a"], ["d"]]
    assert other.batches == [["b", "c"]]


def test_an_error_is_its_own_callers_alone(pipeline):
    callers = Callers(Gathering(largest=8))
    held(pipeline, callers)
    for customer in ("a", "unknown", "defect", "b"):
        callers.queue(pipeline, customer)
    pipeline.open.set()
    callers.join()
    assert isinstance(callers.answers["unknown"], UnknownCustomer)
    assert isinstance(callers.answers["defect"], ZeroDivisionError)
    assert (callers.answers["a"], callers.answers["b"]) == ("a", "b")


def test_after_a_defect_the_next_caller_is_served(pipeline):
    gathering = Gathering(largest=8)
    with pytest.raises(ZeroDivisionError):
        gathering.recommend(pipeline, RecommendRequest(customer_id="defect"))
    assert gathering.recommend(pipeline, RecommendRequest(customer_id="a")) == "a"


def test_many_callers_each_get_their_own_answer(pipeline):
    callers = Callers(Gathering(largest=5))
    for customer in range(200):
        callers.ask(pipeline, str(customer))
    callers.join()
    assert callers.answers == {str(customer): str(customer) for customer in range(200)}
    assert sorted(customer for batch in pipeline.batches for customer in batch) == sorted(map(str, range(200)))
