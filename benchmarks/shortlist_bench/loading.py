"""Capacity of a server, and what callers wait at shares of it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from shortlist_bench.callers import Load, call
from shortlist_bench.floor import METHOD
from shortlist_bench.medians import medians
from shortlist_bench.open_loop import arrive
from shortlist_bench.questions import read_model, requests_of
from shortlist_bench.servers import shortlist_server
from shortlist_bench.serving import Plan

SHARES = (0.5, 0.8)


def measure_load(plan: Plan, shares: Sequence[float], repetitions: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Return the capacity that a closed loop reaches, and the latency of an open loop at shares of it."""
    requests = requests_of(read_model(plan.bundles), plan.question)
    runs = []
    for number in range(repetitions):
        say(f"repetition {number + 1} of {repetitions}")
        with shortlist_server(plan.bundles, "--workers", str(plan.workers[0]), *plan.options) as server:
            load = Load(
                address=server.address, method=METHOD, requests=requests, callers=plan.callers, seconds=plan.seconds
            )
            call(load)  # warm
            capacity = call(load).qps
            found = {f"at_{share:g}": asdict(arrive(load, share * capacity, seed=number)) for share in shares}
        for one in found.values():
            one["refused"] = sum(one["refused"].values())
            one["p99_over_p50"] = one["latency_ms"]["p99"] / one["latency_ms"]["p50"]
        runs.append({"capacity_qps": capacity, **found})
    return medians(runs)
