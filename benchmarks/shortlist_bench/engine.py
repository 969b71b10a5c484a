"""The engine by itself: the pipeline in a process of its own, without transport, processor time by stage."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from shortlist.v1 import recommend_pb2
from shortlist_bench.child import in_child
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.loading import load_pipeline
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.wire.requests import read_recommend

WARM_UP = 200
PAUSE = 0.001
"""Seconds between requests that do not come one right after the other: about what a lone caller leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCost:
    """What the engine spends on one customer.

    Attributes:
        cpu_ms: processor milliseconds of a request alone.
        stages_ms: the same by stage; what is left over is the reply.
        batch_cpu_ms: batch size -> processor milliseconds a customer.
        p50_ms: median time of a request alone, right after the one before.
        paused_p50_ms: the same after a pause of a millisecond.
    """

    cpu_ms: float
    stages_ms: dict[str, float]
    batch_cpu_ms: dict[int, float]
    p50_ms: float
    paused_p50_ms: float


def measure_engine(bundles: Path, requests: Sequence[bytes], batches: Sequence[int], *, calls: int) -> EngineCost:
    """Measure in a process of its own, so that nothing else of the benchmark's is in its caches and threads."""
    return in_child(_measure, bundles, requests, batches, calls)


def _measure(bundles: Path, raw: Sequence[bytes], batches: Sequence[int], calls: int) -> EngineCost:
    pipeline = load_pipeline(bundles, "default", "stable", ClockPolicy.LOG_END, verify=False)
    requests = [read_recommend(recommend_pb2.RecommendRequest.FromString(one)) for one in raw]
    for number in range(WARM_UP):
        pipeline.recommend((requests[number % len(requests)],))
    times, stages, began = [], dict[str, float](), time.process_time()
    for number in range(calls):
        start = time.perf_counter()
        (answer,) = pipeline.recommend((requests[number % len(requests)],))
        times.append(time.perf_counter() - start)
        if isinstance(answer, Exception):
            raise answer
        for stage, spent in answer.timings_ms.items():
            stages[stage] = stages.get(stage, 0.0) + spent / calls
    spent = 1000 * (time.process_time() - began) / calls
    return EngineCost(
        cpu_ms=spent,
        stages_ms=stages,
        batch_cpu_ms={size: _batched(pipeline, requests, size, calls) for size in batches},
        p50_ms=1000 * median(times),
        paused_p50_ms=_paused(pipeline, requests, calls),
    )


def _paused(pipeline: Pipeline, requests: Sequence[RecommendRequest], calls: int) -> float:
    times = []
    for number in range(max(calls // 2, 2)):
        time.sleep(PAUSE)
        start = time.perf_counter()
        pipeline.recommend((requests[number % len(requests)],))
        times.append(time.perf_counter() - start)
    return 1000 * median(times)


def _batched(pipeline: Pipeline, requests: Sequence[RecommendRequest], size: int, calls: int) -> float:
    turns = max(calls // size, 2)
    batch = [requests[number % len(requests)] for number in range(size)]
    pipeline.recommend(batch)
    began = time.process_time()
    for _ in range(turns):
        pipeline.recommend(batch)
    return 1000 * (time.process_time() - began) / (turns * size)
