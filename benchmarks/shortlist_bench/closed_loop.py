"""Callers who ask again as soon as they have their answer, whatever they speak."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Ask = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the callers saw.

    Attributes:
        calls: answered.
        seconds: from the first question to the last answer.
        p50_ms, p99_ms: of one call's time, as its caller sees it.
        reply: one of the answers.
        caller_cpu_ms: processor milliseconds that the callers themselves spent on a call.
    """

    calls: int
    seconds: float
    p50_ms: float
    p99_ms: float
    reply: bytes
    caller_cpu_ms: float

    @property
    def qps(self) -> float:
        """Answers a second."""
        return self.calls / self.seconds


def closed_loop(asks: Sequence[Ask], requests: Sequence[bytes], seconds: float) -> Answered:
    """Let one caller for each of `asks` put the requests in turn, all at the same time, for so many seconds."""
    times: list[list[float]] = [[] for _ in asks]
    spent, end = time.process_time(), time.perf_counter() + seconds

    def one(number: int) -> None:
        turn, own = number, times[number]
        while (began := time.perf_counter()) < end:
            asks[number](requests[turn % len(requests)])
            own.append(time.perf_counter() - began)
            turn += len(asks)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(asks))]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, spent = time.perf_counter() - began, time.process_time() - spent
    every = 1000 * np.concatenate(times)
    p50, p99 = np.percentile(every, [50, 99])
    return Answered(
        calls=len(every), seconds=took, p50_ms=float(p50), p99_ms=float(p99), reply=asks[0](requests[0]),
        caller_cpu_ms=1000 * spent / len(every),
    )  # fmt: skip
