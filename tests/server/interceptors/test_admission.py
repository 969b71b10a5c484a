import threading
import time
from contextlib import suppress
from dataclasses import replace

import grpc
import pytest
from calls import SETTINGS, refusal_of, serving, until
from fakes import FakePipeline
from valid_requests import recommend

from shortlist.v1 import recommender_service_pb2_grpc
from shortlist_server.errors import DeadlineTooShort, Overloaded
from shortlist_server.interceptors.admission import Admission
from shortlist_server.interceptors.deadlines import refuse_short_deadlines


class Context:
    """As much of a call's context as admission looks at."""

    def __init__(self, remaining=None):
        self.remaining = remaining

    def time_remaining(self):
        return self.remaining

    def is_active(self):
        return True


def busy(executing=1, waiting=1, typical=0.0):
    """An admission with every place taken by requests that take `typical` seconds."""
    admission = Admission(executing=executing, waiting=waiting)
    admission.enter(None)
    admission.leave(typical)
    for _ in range(executing):
        admission.enter(None)
    return admission


def waiter(admission, order=None, name=None, remaining=None):
    def wait():
        admission.enter(remaining)
        if order is not None:
            order.append(name)
            admission.leave()

    thread = threading.Thread(target=wait)
    queued = admission.queued
    thread.start()
    until(lambda: admission.queued > queued)
    return thread


def test_a_free_place_is_taken_without_a_wait():
    admission = Admission(executing=2, waiting=0)
    assert [admission.enter(None), admission.enter(0.001)] == [False, False]
    assert admission.running == 2


def test_a_full_queue_sends_away():
    admission = busy(waiting=1)
    thread = waiter(admission)
    with pytest.raises(Overloaded):
        admission.enter(None)
    admission.leave()
    thread.join(5.0)
    assert admission.running == 1


def test_who_came_first_goes_first():
    admission, order = busy(waiting=3), []
    threads = [waiter(admission, order, name) for name in "abc"]
    admission.leave()
    for thread in threads:
        thread.join(5.0)
    assert order == ["a", "b", "c"]
    assert admission.running == 0


def test_a_queue_slower_than_the_deadline_sends_away_at_once():
    admission = busy(waiting=9, typical=0.1)
    started = time.monotonic()
    with pytest.raises(Overloaded) as caught:
        admission.enter(0.15)
    assert time.monotonic() - started < 0.05
    assert caught.value.retry_after == pytest.approx(0.1)
    # Who has the time waits instead.
    thread = waiter(admission, remaining=5.0)
    admission.leave()
    thread.join(5.0)


def test_a_deadline_that_passes_in_the_queue():
    admission = busy(waiting=1)
    with pytest.raises(DeadlineTooShort):
        admission.enter(0.02)
    assert (admission.queued, admission.running) == (0, 1)


def test_a_place_comes_back_when_the_handler_fails():
    admission = Admission(executing=1, waiting=0)

    def fail(_request, _context):
        raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            admission.guard(fail)(None, Context())
    assert admission.running == 0


def test_no_place_is_ever_lost():
    """Many threads, tiny deadlines: the moment of giving up and the moment of one's turn meet."""
    admission = Admission(executing=2, waiting=4)

    def handle(_request, _context):
        assert admission.running <= 2
        time.sleep(0.0005)

    def hammer():
        for _ in range(100):
            with suppress(Overloaded, DeadlineTooShort):
                admission.guard(handle)(None, Context(remaining=0.002))

    threads = [threading.Thread(target=hammer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30.0)
    assert (admission.running, admission.queued) == (0, 0)


@pytest.mark.parametrize(("remaining", "starts"), [(None, True), (1.0, True), (0.0009, False), (0.0, False)])
def test_a_request_that_cannot_be_answered_in_time_never_starts(remaining, starts):
    started = []
    handler = refuse_short_deadlines(lambda _request, _context: started.append(True), 0.001)
    if starts:
        handler(None, Context(remaining))
    else:
        with pytest.raises(DeadlineTooShort):
            handler(None, Context(remaining))
    assert bool(started) == starts


SECONDS, LASTING, CALLERS = 0.02, 1.5, 16


def test_overload_leaves_the_server_its_work():
    """Four times as many callers as the server can take, who call again at once when sent away."""
    pipeline = FakePipeline(seconds=SECONDS)
    answered, refused, spent = [], [], []
    with serving(pipeline, replace(SETTINGS, threads=2, waiting=2)) as (_, channel):
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        end = time.monotonic() + LASTING

        def call():
            while time.monotonic() < end:
                started = time.monotonic()
                try:
                    stub.Recommend(recommend(), timeout=0.2)
                    answered.append(True)
                except grpc.RpcError as error:
                    refused.append(refusal_of(error))
                    spent.append(time.monotonic() - started)
                    time.sleep(0.01)

        threads = [threading.Thread(target=call) for _ in range(CALLERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20.0)
    assert pipeline.most_running == 2
    assert len(answered) >= 0.7 * LASTING * 2 / SECONDS
    assert refused
    assert {found.code for found in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert sorted(spent)[len(spent) // 2] < 0.05


def test_calls_that_never_send_a_message_hold_no_place():
    with serving(FakePipeline()) as (server, channel):
        silence = threading.Event()

        def nothing():
            silence.wait(20.0)
            yield from ()

        held = [
            channel.stream_unary("/shortlist.v1.RecommenderService/Recommend").future(nothing(), timeout=20.0)
            for _ in range(40)
        ]
        time.sleep(0.2)
        assert server.admission.running == 0
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        for _ in range(20):
            assert stub.Recommend(recommend(), timeout=5.0).item_ids
        for call in held:
            call.cancel()
        silence.set()
