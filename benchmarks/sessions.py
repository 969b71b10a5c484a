"""Measure sessions: what silent ones cost the other calls, and what a message costs against a single request.

    python benchmarks/sessions.py --bundles DIR [--idle 64] [--seconds 5] [--rounds 3] [--k 50]

The server is a process of its own, started by the ordinary command with as many places as `--idle` needs. Each figure
is taken in rounds that alternate with what it is compared with, and the medians of the rounds are shown.
"""

import argparse
import contextlib
import os
import platform
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from serving import customer_ids, latency, resident_megabytes, start, throughput
from shortlist_client import Client, Profile

EVENTS = 20
"""Of one session, before the next customer comes."""


@contextlib.contextmanager
def idle_sessions(address: str, ids: list[str], count: int) -> Iterator[None]:
    """Open sessions that say nothing after their first message."""
    with Client(address, timeout=30.0) as client, contextlib.ExitStack() as stack:
        for number in range(count):
            stack.enter_context(client.session(ids[number % len(ids)])).recommend(k=1)
        yield


def event_latency(address: str, ids: list[str], items: list[str], k: int, seconds: float) -> dict[str, float]:
    """Return percentiles in milliseconds of one session after another, one event at a time."""
    spent, end = [], time.perf_counter() + seconds
    with Client(address, timeout=5.0) as client:
        while time.perf_counter() < end:
            with client.session(ids[len(spent) % len(ids)], k=k) as session:
                session.recommend()
                for number in range(EVENTS):
                    begin = time.perf_counter()
                    session.event(items[(len(spent) + number) % len(items)])
                    spent.append(1000 * (time.perf_counter() - begin))
    return {"p50_ms": float(np.percentile(spent, 50)), "p99_ms": float(np.percentile(spent, 99))}


def unary_latency(address: str, ids: list[str], items: list[str], k: int, seconds: float) -> dict[str, float]:
    """Return the same of single requests that bring the same histories along."""
    spent, end = [], time.perf_counter() + seconds
    with Client(address, timeout=5.0) as client:
        while time.perf_counter() < end:
            customer, first = ids[len(spent) % len(ids)], len(spent)
            for number in range(EVENTS):
                told = [items[(first + step) % len(items)] for step in range(number + 1)]
                begin = time.perf_counter()
                client.recommend(customer, profile=Profile(history=told), exclude_items=told, k=k)
                spent.append(1000 * (time.perf_counter() - begin))
    return {"p50_ms": float(np.percentile(spent, 50)), "p99_ms": float(np.percentile(spent, 99))}


def event_rate(address: str, ids: list[str], items: list[str], k: int, seconds: float, callers: int) -> float:
    """Return answered events a second of several sessions at once."""
    answered = [0] * callers
    begin = time.perf_counter()

    def talk(number: int) -> None:
        with Client(address, timeout=5.0) as client:
            while time.perf_counter() - begin < seconds:
                with client.session(ids[(answered[number] * callers + number) % len(ids)], k=k) as session:
                    for step in range(EVENTS):
                        session.event(items[(answered[number] + step) % len(items)])
                    answered[number] += EVENTS

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(answered) / (time.perf_counter() - begin)


def measure(address: str, process: "subprocess.Popen[str]", given: argparse.Namespace) -> dict[str, list[float]]:
    """Return every figure once for each round."""
    ids, items = customer_ids(given.bundles), catalogue(address)
    found: dict[str, list[float]] = {}

    def note(name: str, figures: dict[str, float]) -> None:
        for key in ("p50_ms", "p99_ms"):
            found.setdefault(f"{name}, {key}", []).append(figures[key])

    for turn in range(given.rounds):
        note("a single request, nobody else there", latency(address, ids, given.k, given.seconds))
        before = resident_megabytes(process.pid)
        with idle_sessions(address, ids, given.idle):
            if turn == 0:
                # Threads stay, and serve the sessions of the later rounds.
                grown = 1000 * (resident_megabytes(process.pid) - before) / given.idle
                found["memory of one silent session, KB"] = [grown]
            note(f"a single request, {given.idle} silent sessions", latency(address, ids, given.k, given.seconds))
        note("an event of a session", event_latency(address, ids, items, given.k, given.seconds))
        note("a single request with that history", unary_latency(address, ids, items, given.k, given.seconds))
        rates: dict[str, Callable[[], float]] = {
            "events a second, 8 sessions": lambda: event_rate(address, ids, items, given.k, given.seconds, 8),
            "single requests a second, 8 callers": lambda: throughput(address, ids, given.k, given.seconds, 8),
        }
        for name, rate in rates.items():
            found.setdefault(name, []).append(rate())
    return found


def catalogue(address: str) -> list[str]:
    """Return a few hundred items that people take."""
    with Client(address, timeout=30.0) as client:
        return list(client.recommend(k=500).item_ids)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundles", type=Path, required=True)
    parser.add_argument("--idle", type=int, default=64)
    parser.add_argument("--k", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    process, address, _ = start(given.bundles, "--sessions", str(given.idle + 8))
    try:
        figures = measure(address, process, given)
    finally:
        process.terminate()
        process.wait(timeout=30)
    for name, values in figures.items():
        print(f"{name:48} {np.median(values):10.2f}   {' '.join(f'{value:.2f}' for value in values)}")
    print(f"medians of {given.rounds} rounds on {platform.machine()}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
