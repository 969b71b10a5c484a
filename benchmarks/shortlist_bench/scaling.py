"""What further workers cost and bring: processor time of an answer, answers a second, and each worker's memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shortlist_bench.callers import Load, call
from shortlist_bench.floor import METHOD
from shortlist_bench.processor import (
    private_dirty_megabytes,
    private_megabytes,
    processor_seconds,
    resident_megabytes,
    shared_megabytes,
)
from shortlist_bench.servers import Running, shortlist_server

BATCH_METHOD = "/shortlist.v1.RecommenderService/BatchRecommend"
CONNECTIONS = 16
"""The system gives each connection to a worker by chance; of few, one worker might get all."""
CALLERS = 32
BATCH_CALLERS = 16
WAYS = ("unary", "stream", "batch")


def measure_scaling(
    bundles: Path, counts: Sequence[int], requests: Sequence[bytes], batches: Sequence[bytes], seconds: float
) -> dict[str, Any]:
    """Return the figures of one server after the other, by the number of its workers.

    Args:
        bundles: folder of bundles.
        counts: numbers of workers.
        requests: of one customer each.
        batches: of many customers each.
        seconds: of each load.
    """
    found = {}
    for count in counts:
        with shortlist_server(bundles, "--workers", str(count), "--waiting", str(2 * CALLERS)) as server:
            started = _memory(server)
            costs = {
                "unary": _costs(server, _load(server, requests, seconds)),
                "stream": _costs(server, _load(server, requests, seconds, shared=True)),
            }
            answered = _memory(server)
            batches_load = _load(server, batches, seconds, method=BATCH_METHOD, callers=BATCH_CALLERS)
            costs["batch"] = _costs(server, batches_load)
            memory = {"at_start": started, "after_calls": answered, "after_batches": _memory(server)}
            found[str(count)] = {**costs, "memory": memory, "start_seconds": server.start_seconds}
    return found


def scaling_ratios(found: Mapping[str, Any], counts: Sequence[int]) -> dict[str, Any]:
    """Return processor time and throughput of every number of workers, as multiples of those of the first."""
    first = found[str(counts[0])]
    return {
        str(count): {
            way: {name: found[str(count)][way][name] / first[way][name] for name in ("cpu_ms", "qps")} for way in WAYS
        }
        for count in counts[1:]
    }


def _load(
    server: Running,
    requests: Sequence[bytes],
    seconds: float,
    *,
    method: str = METHOD,
    callers: int = CALLERS,
    shared: bool = False,
) -> Load:
    return Load(
        address=server.address, method=method, requests=requests, callers=callers, seconds=seconds, shared=shared,
        connections=CONNECTIONS,
    )  # fmt: skip


def _costs(server: Running, load: Load) -> dict[str, Any]:
    before = [processor_seconds(pid) for pid in server.pids]
    answered = call(load)
    spent = [processor_seconds(pid) - earlier for pid, earlier in zip(server.pids, before, strict=True)]
    return {
        "cpu_ms": 1000 * sum(spent) / (answered.calls + 1),
        "qps": answered.qps,
        "p50_ms": answered.p50_ms,
        "caller_cpu_ms": answered.caller_cpu_ms,
        # How evenly the connections fell.
        "worker_shares": sorted(one / sum(spent) for one in spent),
    }


def _memory(server: Running) -> dict[str, Any]:
    return {
        "resident_mb": [resident_megabytes(pid) for pid in server.pids],
        "shared_mb": [shared_megabytes(pid) for pid in server.pids],
        "private_mb": [private_megabytes(pid) for pid in server.pids],
        "private_dirty_mb": [private_dirty_megabytes(pid) for pid in server.pids],
    }
