"""One repetition of the serving benchmark, and several of them made into one table of medians and ratios."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from shortlist_bench.callers import Load, call
from shortlist_bench.closed_loop import Answered
from shortlist_bench.engine import measure_engine
from shortlist_bench.floor import METHOD, WAYS
from shortlist_bench.medians import medians
from shortlist_bench.peers import CALLERS, lacking, measure_peers, ratios_of
from shortlist_bench.processor import private_megabytes, processor_seconds, resident_megabytes
from shortlist_bench.questions import Question, batches_of, read_model, requests_of
from shortlist_bench.scaling import measure_scaling, scaling_ratios
from shortlist_bench.search import measure_search
from shortlist_bench.servers import Running, floor_server, shortlist_server

BATCH_METHOD = "/shortlist.v1.RecommenderService/BatchRecommend"
THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured.

    Attributes:
        bundles: folder of bundles.
        question: that is asked.
        callers: at the same time, under load.
        seconds: of each load.
        batch: customers of one BatchRecommend.
        workers: server processes; where there are several numbers, each is measured beside the first.
        peers: other servers that do the same work, measured beside ours.
        options: further options of `shortlist serve`.
    """

    bundles: Path
    question: Question = field(default_factory=Question)
    callers: int = 8
    seconds: float = 4.0
    batch: int = 256
    workers: tuple[int, ...] = (1,)
    peers: tuple[str, ...] = ()
    options: Sequence[str] = ()


def measure(plan: Plan, repetitions: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Return the medians over several repetitions in which server, floor, engine and peers take turns."""
    for peer in plan.peers:
        if problem := lacking(peer):
            say(f"{peer} is left out: {problem}")
    model = read_model(plan.bundles)
    requests = requests_of(model, plan.question)
    batches = batches_of(model, plan.question, plan.batch)
    strangers = requests_of(model, replace(plan.question, known=False))
    del model
    runs = []
    for number in range(repetitions):
        say(f"repetition {number + 1} of {repetitions}")
        run = _repetition(plan, requests, batches, strangers)
        if len(plan.workers) > 1:
            run["scaling"] = measure_scaling(plan.bundles, plan.workers, requests, batches, plan.seconds)
        runs.append(run)
    figures = {**medians(runs), "search": measure_search(plan.bundles)}
    if "peers" in figures:
        figures["peers"]["stream_ratio"] = ratios_of(figures["peers"])
    if "scaling" in figures:
        figures["scaling"]["ratios"] = scaling_ratios(figures["scaling"], plan.workers)
    return figures


def _repetition(
    plan: Plan, requests: Sequence[bytes], batches: Sequence[bytes], strangers: Sequence[bytes]
) -> dict[str, Any]:
    engine = measure_engine(plan.bundles, requests, (8, plan.batch), calls=int(250 * plan.seconds))
    waiting = ("--waiting", str(2 * CALLERS)) if plan.peers else ()
    options = ("--workers", str(plan.workers[0]), *waiting, *plan.options)
    peers: dict[str, Any] = {}
    with shortlist_server(plan.bundles, *options) as server:
        lone = load(server, requests, plan, callers=1)[0]
        loaded, unary_ms = load(server, requests, plan)
        shared, stream_ms = load(server, requests, plan, shared=True)
        batch, batch_ms = load(server, batches, plan, callers=1, method=BATCH_METHOD)
        resident = [resident_megabytes(pid) for pid in server.pids]
        private = [private_megabytes(pid) for pid in server.pids]
        start = server.start_seconds
        if plan.peers:
            peers["peers"] = measure_peers(plan.peers, plan.bundles, server, strangers, plan.seconds)
    echoes, lone_echoes = {}, {}
    for way in WAYS:
        with floor_server(way, lone.reply, THREADS) as floor:
            echoes[way] = load(floor, requests, plan)[1]
            lone_echoes[way] = load(floor, requests, plan, callers=1)[0].p50_ms
    echo = min(echoes.values())
    return {
        "echo_cpu_ms": echo,
        "echo_cpu_ms_by_way": echoes,
        "echo_p50_ms": min(lone_echoes.values()),
        "echo_p50_ms_by_way": lone_echoes,
        "engine_cpu_ms": {"total": engine.cpu_ms, **engine.stages_ms},
        "engine_p50_ms": engine.p50_ms,
        "engine_paused_p50_ms": engine.paused_p50_ms,
        "engine_batch_cpu_ms": {str(size): spent for size, spent in engine.batch_cpu_ms.items()},
        "unary_cpu_ms": unary_ms,
        "batch_cpu_ms_per_customer": batch_ms / plan.batch,
        "ratio_to_floor": unary_ms / (echo + engine.cpu_ms),
        "p50_ms": lone.p50_ms,
        "p99_ms": lone.p99_ms,
        "loaded_p50_ms": loaded.p50_ms,
        "loaded_p99_ms": loaded.p99_ms,
        "qps": loaded.qps,
        "stream_cpu_ms": stream_ms,
        "stream_ratio_to_unary": stream_ms / unary_ms,
        "stream_qps": shared.qps,
        "stream_p50_ms": shared.p50_ms,
        "batch_customers_per_second": batch.qps * plan.batch,
        "start_seconds": start,
        "resident_mb": resident,
        "private_mb": private,
        **peers,
    }


def load(
    server: Running,
    requests: Sequence[bytes],
    plan: Plan,
    *,
    callers: int = 0,
    method: str = METHOD,
    shared: bool = False,
) -> tuple[Answered, float]:
    """Ask a server, and return what its callers saw and its processor milliseconds a call."""
    load = Load(
        address=server.address, method=method, requests=requests, callers=callers or plan.callers,
        seconds=plan.seconds, shared=shared,
    )  # fmt: skip
    before = sum(map(processor_seconds, server.pids))
    answered = call(load)
    spent = sum(map(processor_seconds, server.pids)) - before
    # One call more than were timed brought the reply.
    return answered, 1000 * spent / (answered.calls + 1)
