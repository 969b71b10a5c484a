"""A closed loop of callers in a process of its own: each asks again as soon as it has its answer."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np

from shortlist_bench.child import in_child
from shortlist_client.shared_stream import SharedStream

DEADLINE = 10.0
CONNECTED = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Who asks what, and for how long.

    Attributes:
        address: of the server.
        method: full name with slashes.
        requests: as bytes, asked in turn.
        callers: that ask at the same time, all over one connection.
        seconds: that they ask.
        shared: whether their calls share a stream, as those of a client with `multiplex` do.
    """

    address: str
    method: str
    requests: Sequence[bytes]
    callers: int
    seconds: float
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the callers saw.

    Attributes:
        calls: answered.
        seconds: from the first question to the last answer.
        p50_ms, p99_ms: of one call's time, as its caller sees it.
        reply: one of the answers.
    """

    calls: int
    seconds: float
    p50_ms: float
    p99_ms: float
    reply: bytes

    @property
    def qps(self) -> float:
        """Answers a second."""
        return self.calls / self.seconds


def call(load: Load) -> Answered:
    """Ask from a process of its own, and return what it saw."""
    return in_child(_ask, load)


def _ask(load: Load) -> Answered:
    with grpc.insecure_channel(load.address) as channel:
        grpc.channel_ready_future(channel).result(timeout=CONNECTED)
        asked: Any = _shared(channel) if load.shared else channel.unary_unary(load.method)
        times: list[list[float]] = [[] for _ in range(load.callers)]
        end = time.perf_counter() + load.seconds

        def one(number: int) -> None:
            turn, own = number, times[number]
            while (began := time.perf_counter()) < end:
                asked(load.requests[turn % len(load.requests)], timeout=DEADLINE)
                own.append(time.perf_counter() - began)
                turn += load.callers

        threads = [threading.Thread(target=one, args=(number,)) for number in range(load.callers)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - began
        reply = asked(load.requests[0], timeout=DEADLINE)
    every = 1000 * np.concatenate(times)
    p50, p99 = np.percentile(every, [50, 99])
    return Answered(calls=len(every), seconds=seconds, p50_ms=float(p50), p99_ms=float(p99), reply=bytes(reply))


def _shared(channel: grpc.Channel) -> Callable[..., bytes]:
    stream = SharedStream(channel)

    def ask(request: bytes, timeout: float) -> bytes:
        return stream.ask(request, timeout).SerializeToString()

    return ask
