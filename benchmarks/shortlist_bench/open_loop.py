"""Callers who do not wait for each other: requests leave when they are due, whether or not earlier ones are answered.

A closed loop asks less of a server the slower it gets, and so hides its queue ("coordinated omission"). Here latency
counts from the moment a request was due, not from when it was sent.
"""

import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
import numpy as np

from shortlist_bench.callers import CONNECTED, DEADLINE, Load
from shortlist_bench.child import in_child

PERCENTILES = (50.0, 90.0, 99.0, 99.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """What came of requests that arrive at random at a rate.

    Attributes:
        rate: requests a second that were due.
        answered: how many were answered.
        refused: by status, how many were not.
        latency_ms: percentile -> milliseconds from when a request was due to its answer.
        late_ms: 99th percentile of how much later than due requests left; where it is not far below the latency, it is
            the generator that is slow.
    """

    rate: float
    answered: int
    refused: dict[str, int]
    latency_ms: dict[str, float]
    late_ms: float


def arrive(load: Load, rate: float, *, seed: int = 0) -> Arrivals:
    """Let requests of a load arrive at a rate, from a process of its own."""
    return in_child(_send, load, rate, seed)


def _send(load: Load, rate: float, seed: int) -> Arrivals:
    # A Poisson process: gaps are exponential, so that now and then several requests come at once.
    gaps = np.random.default_rng(seed).exponential(1 / rate, max(int(rate * load.seconds), 1))
    due, done, refused = np.cumsum(gaps), np.full(len(gaps), np.nan), dict[str, int]()
    late, lock = np.zeros(len(gaps)), threading.Lock()
    left = threading.Semaphore(0)

    def note(number: int, call: Any) -> None:
        now = time.perf_counter()
        code = call.code()
        if code is grpc.StatusCode.OK:
            done[number] = now - began - due[number]
        else:
            with lock:
                refused[code.name] = refused.get(code.name, 0) + 1
        left.release()

    with grpc.insecure_channel(load.address) as channel:
        grpc.channel_ready_future(channel).result(timeout=CONNECTED)
        asked: Any = channel.unary_unary(load.method)
        asked(load.requests[0], timeout=DEADLINE)
        began = time.perf_counter()
        for number, moment in enumerate(due):
            wait = began + moment - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            late[number] = max(-wait, 0.0)
            call = asked.future(load.requests[number % len(load.requests)], timeout=DEADLINE)
            call.add_done_callback(partial(note, number))
        for _ in due:
            left.acquire()
    answered = 1000 * done[~np.isnan(done)]
    found = np.percentile(answered, PERCENTILES) if len(answered) else np.full(len(PERCENTILES), np.nan)
    return Arrivals(
        rate=rate,
        answered=len(answered),
        refused=refused,
        latency_ms={f"p{place:g}": float(value) for place, value in zip(PERCENTILES, found, strict=True)},
        late_ms=float(1000 * np.percentile(late, 99)),
    )
