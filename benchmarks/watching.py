"""What counting and drawing samples cost a request, beside the engine's own work.

    python benchmarks/watching.py [--items 100000] [--calls 20000]

On a request's way stand: the count of its call and its seconds, the counts of its list, and the draw for the sentinels.
Each is timed alone, in a loop, and compared with the processor time of a list of a drawn bundle. The sentinels' own
thread has a budget of its own (`SentinelSettings.budget`); here it is asked without one, for what a look costs.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import grpc

from shortlist_bench.synthetic import Size, write_synthetic
from shortlist_server.audience import Audience
from shortlist_server.loaded import Loaded
from shortlist_server.metrics.counted_calls import counted
from shortlist_server.metrics.serving_measures import ServingMeasures
from shortlist_server.metrics.summing import tally_of
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.loading import load_pipeline
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.sentinels.recall import search_again
from shortlist_server.sentinels.sampling import Samples
from shortlist_server.sentinels.settings import RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Processor microseconds of each part; `share` is that of a request over the engine's."""

    engine_us: float
    call_us: float
    list_us: float
    share: float
    search_again_us: float
    tally_us: float


class _Call:
    def code(self) -> None:
        return None


def measure(bundles: Path, calls: int) -> Cost:
    pipeline = load_pipeline(bundles, "default", "stable", ClockPolicy.LOG_END, verify=False)
    requests = [RecommendRequest(customer_id=pipeline.served.customers.id(row), k=50) for row in range(1, 201)]
    (answer,) = pipeline.recommend(requests[:1])
    loaded = Loaded()
    loaded.put(pipeline)
    measures = ServingMeasures(loaded)
    handler = grpc.unary_unary_rpc_method_handler(lambda request, context: b"")
    (wrapped,) = counted({"Recommend": handler}, "shortlist.v1.RecommenderService", measures).values()
    audience, call = Audience([measures, Samples(RATE)]), _Call()
    engine = _spent(lambda n: pipeline.recommend([requests[n % 200]]), 2_000)
    of_call = _spent(lambda _: wrapped.unary_unary(None, call), calls) - _spent(
        lambda _: handler.unary_unary(None, call), calls
    )
    of_list = _spent(lambda _: audience.offer("id", requests[0], answer, pipeline), calls)
    return Cost(
        engine_us=engine,
        call_us=of_call,
        list_us=of_list,
        share=(of_call + of_list) / engine,
        search_again_us=_spent(lambda n: search_again(pipeline, requests[n % 200]), 200),
        tally_us=_spent(lambda _: tally_of(measures.registry), 200),
    )


def _spent(work: Callable[[int], object], calls: int) -> float:
    """Return the processor microseconds of one call, the least of five runs."""
    found = []
    for _ in range(5):
        began = time.process_time()
        for number in range(calls):
            work(number)
        found.append(1e6 * (time.process_time() - began) / calls)
    return min(found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--bundles", type=Path, help="A folder of bundles; by default one is drawn.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bundles = asked.bundles or Path(folder)
        if asked.bundles is None:
            write_synthetic(bundles, Size(items=asked.items))
        print(json.dumps(asdict(measure(bundles, asked.calls)), indent=2))
