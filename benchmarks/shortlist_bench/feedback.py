"""What feedback costs: events recorded a second, and what keeping a share of the lists adds to an answer."""

import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from shortlist_bench.child import in_child
from shortlist_bench.medians import medians
from shortlist_bench.processor import processor_seconds
from shortlist_bench.questions import read_model, requests_of
from shortlist_bench.servers import Running, shortlist_server
from shortlist_bench.serving import Plan, load
from shortlist_bundle.changes.log import START
from shortlist_bundle.changes.reading import Reader, read_all
from shortlist_client import Client, EventOutcome, FeedbackEvent

_TIMEOUT = 30.0
PAIRS = 8
"""Turns of both servers in one repetition."""
WITHOUT, KEPT, RATIO = "without_impressions_cpu_ms", "with_impressions_cpu_ms", "impressions_ratio"


def measure_feedback(plan: Plan, repetitions: int, batch: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Return the medians over several repetitions.

    Args:
        plan: what is asked, by how many callers, of how many workers.
        repetitions: of everything.
        batch: events of one call.
        say: is told how far it is.
    """
    model = read_model(plan.bundles)
    requests = requests_of(model, plan.question)
    del model
    runs = []
    for number in range(repetitions):
        say(f"repetition {number + 1} of {repetitions}")
        runs.append({**_recording(plan, batch), **_impressions(plan, requests)})
    return {**medians(runs), "impressions_ratios": sorted(run[RATIO] for run in runs)}


def _recording(plan: Plan, batch: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        options = ("--log", folder, "--impressions", "0", "--workers", str(plan.workers[0]))
        with shortlist_server(plan.bundles, *options) as server:
            before = _spent(server)
            acknowledged, seconds = in_child(record, server.address, plan.callers, batch, plan.seconds)
            spent = _spent(server) - before
        reader = Reader(Path(folder))
        kept = sum(1 for _ in read_all(reader, START, reader.newest()))
        reader.close()
    if kept != acknowledged:
        raise RuntimeError(f"{acknowledged} events were acknowledged, and {kept} are in the log")
    return {
        "events_per_second": acknowledged / seconds,
        "events_acknowledged": acknowledged,
        "server_cpu_ms_per_1000_events": 1e6 * spent / acknowledged,
    }


def _impressions(plan: Plan, requests: Sequence[bytes]) -> dict[str, Any]:
    """Measure an answer with a log that keeps lists and with one that keeps none.

    Both servers run all the time and are asked in turns, the first of a pair now this one and now the other: what
    else the machine does then falls on both. What a start lays out differently stays for as long as a server runs, so
    the ratio wants several repetitions, each of which starts both anew.
    """
    block = replace(plan, seconds=plan.seconds / PAIRS)
    spent: dict[str, list[float]] = {WITHOUT: [], KEPT: []}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = {}
        for name, options in ((WITHOUT, ("--impressions", "0")), (KEPT, plan.options)):
            log = str(Path(folder) / name)
            servers[name] = stack.enter_context(shortlist_server(plan.bundles, "--log", log, *options))
            load(servers[name], requests, replace(plan, seconds=plan.seconds / 3))
        for pair in range(PAIRS):
            for name in (WITHOUT, KEPT) if pair % 2 else (KEPT, WITHOUT):
                spent[name].append(load(servers[name], requests, block)[1])
    ratios = [kept / without for kept, without in zip(spent[KEPT], spent[WITHOUT], strict=True)]
    return {**{name: median(values) for name, values in spent.items()}, RATIO: median(ratios)}


def record(address: str, callers: int, batch: int, seconds: float) -> tuple[int, float]:
    """Record as fast as the server lets; return how many events it acknowledged, and in how many seconds."""
    counts, began = [0] * callers, time.perf_counter()

    def one(number: int) -> None:
        # A connection of its own: connections, not calls, are spread over the workers.
        with Client(address, timeout=_TIMEOUT) as client:
            turn = 0
            while time.perf_counter() - began < seconds:
                events = [_event(number, turn, row) for row in range(batch)]
                outcomes = client.record(events).outcomes
                counts[number] += sum(outcome is EventOutcome.RECORDED for outcome in outcomes)
                turn += 1

    threads = [threading.Thread(target=one, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts), time.perf_counter() - began


def _event(caller: int, turn: int, row: int) -> FeedbackEvent:
    return FeedbackEvent(
        event_id=f"{caller:04d}-{turn:08d}-{row:04d}-0123456789abcdef",
        customer_id=f"customer-{(turn * 31 + row) % 100_000}",
        item_id=f"item-{(turn * 17 + row * 7) % 10_000}",
        event="purchase",
        timestamp=1_700_000_000.0 + turn,
        value=1.0 + row % 3,
        impression_id="0123456789abcdef0000000000000000",
        rank=row % 10,
    )


def _spent(server: Running) -> float:
    return sum(map(processor_seconds, server.pids))
