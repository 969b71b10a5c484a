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

    def __init__(self, *remaining, active=True):
        """Take what is left at each look; the last stays."""
        self.remaining = list(remaining or [None])
        self.active = active

    def time_remaining(self):
        return self.remaining.pop(0) if len(self.remaining) > 1 else self.remaining[0]

    def is_active(self):
        return self.active


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
    thread.join(60.0)
    assert admission.running == 1


def test_who_came_first_goes_first():
    admission, order = busy(waiting=3), []
    threads = [waiter(admission, order, name) for name in "abc"]
    admission.leave()
    for thread in threads:
        thread.join(60.0)
    assert order == ["a", "b", "c"]
    assert admission.running == 0


def test_a_queue_slower_than_the_deadline_sends_away_at_once():
    admission = busy(waiting=9, typical=0.1)
    with pytest.raises(Overloaded) as caught:
        admission.enter(0.15)
    assert caught.value.retry_after == pytest.approx(0.1)
    # Who has the time waits instead.
    thread = waiter(admission, remaining=60.0)
    admission.leave()
    thread.join(60.0)


def test_whom_the_queue_sends_away_it_does_not_keep_waiting():
    admission = busy(waiting=9, typical=600.0)
    started = time.monotonic()
    with pytest.raises(Overloaded):
        admission.enter(900.0)
    assert time.monotonic() - started < 60.0
    assert admission.queued == 0


def test_a_deadline_that_passes_in_the_queue():
    admission = busy(waiting=1)
    with pytest.raises(DeadlineTooShort):
        admission.enter(0.02)
    assert (admission.queued, admission.running) == (0, 1)


@pytest.mark.parametrize(("remaining", "active"), [((5.0, 0.0), True), ((5.0, 5.0), False)])
def test_whose_turn_comes_too_late_is_not_worked_for(remaining, active):
    """The thread may wake long after its turn, on a machine with too much to do."""
    admission, started, outcome = busy(waiting=1), [], []
    context = Context(*remaining, active=active)

    def call():
        try:
            admission.guard(lambda _request, _context: started.append(True))(None, context)
        except DeadlineTooShort as error:
            outcome.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    until(lambda: admission.queued == 1)
    admission.leave()
    thread.join(60.0)
    assert (len(started), len(outcome), admission.running) == (0, 1, 0)


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
                admission.guard(handle)(None, Context(0.002))

    threads = [threading.Thread(target=hammer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60.0)
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


class Overload:
    """Four times as many callers as the server can take, who call again when sent away."""

    def __init__(self, pipeline, *, timeout):
        self.pipeline = pipeline
        self.timeout = timeout
        self.answered, self.refused, self.spent = [], [], []

    def last(self, over):
        with serving(self.pipeline, replace(SETTINGS, threads=2, waiting=2)) as (_, channel):
            stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
            threads = [threading.Thread(target=self._call, args=(stub, over)) for _ in range(CALLERS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60.0)

    def _call(self, stub, over):
        while not over():
            started = time.monotonic()
            try:
                stub.Recommend(recommend(), timeout=self.timeout)
                self.answered.append(True)
            except grpc.RpcError as error:
                self.refused.append(refusal_of(error))
                self.spent.append(time.monotonic() - started)
                time.sleep(0.01)


def test_under_overload_no_work_is_wasted():
    pipeline = FakePipeline(seconds=SECONDS)
    load = Overload(pipeline, timeout=60.0)
    load.last(lambda: len(load.answered) >= 50 and load.refused)
    assert pipeline.most_running == 1  # those who wait are answered together
    assert len(load.answered) == len(pipeline.requests)
    assert {found.code for found in load.refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}


@pytest.mark.slow
def test_overload_leaves_the_server_its_work():
    """Figures of a quiet machine, which is why it is not run beside others."""
    load = Overload(FakePipeline(seconds=SECONDS), timeout=0.2)
    end = time.monotonic() + LASTING
    load.last(lambda: time.monotonic() >= end)
    # Of two places one is worked on while the other gathers.
    assert len(load.answered) >= 0.7 * LASTING / SECONDS
    assert {found.code for found in load.refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert sorted(load.spent)[len(load.spent) // 2] < 0.05


def test_calls_that_never_send_a_message_hold_no_place():
    others = rpc_threads()
    with serving(FakePipeline()) as (server, channel):
        silence = threading.Event()

        def nothing():
            silence.wait(60.0)
            yield from ()

        held = [
            channel.stream_unary("/shortlist.v1.RecommenderService/Recommend").future(nothing(), timeout=600.0)
            for _ in range(40)
        ]
        # Each keeps one of the server's threads waiting for its message.
        until(lambda: len(rpc_threads() - others) >= 40)
        assert server.admission.running == 0
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        for _ in range(20):
            assert stub.Recommend(recommend(), timeout=60.0).item_ids
        for call in held:
            call.cancel()
        silence.set()


def rpc_threads():
    return {thread for thread in threading.enumerate() if thread.name.startswith("rpc")}
