"""Judge many customers by their full ranking of a large catalogue, as training judges its embedding spaces."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from shortlist_bench.drawn_dataset import draw_dataset
from shortlist_bench.peak import peak_gigabytes
from shortlist_bundle.state.clock import Clock
from shortlist_training.split.plan import SplitKind, plan_split
from shortlist_training.stages.tuning_window import TuningWindow

EVENTS = 50
"""Of each customer; the last of them are asked for."""


def measure_evaluation(
    customers: int, items: int, *, width: int, depth: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Return what it takes to rank all items for every customer without what they had, and to work out the metrics.

    Args:
        customers: who are judged.
        items: of the catalogue.
        width: of the vectors.
        depth: of the lists.
        say: is told what was drawn.
    """
    random = np.random.default_rng(0)
    dataset = draw_dataset(customers=customers, items=items, events=EVENTS, random=random)
    say(f"{customers:,} customers with {EVENTS} events, {items:,} items")
    window = plan_split(dataset, SplitKind.LAST).tune
    clock = Clock(has_times=True, log_start=0.0, log_end=float(EVENTS), idle_limit=1.0)
    tuning = TuningWindow(dataset, window, clock, customers=customers, depth=depth)
    vectors = random.standard_normal((items + 1, width), np.float32)
    encoded = random.standard_normal((customers + 1, width), np.float32)
    began, used = time.perf_counter(), time.process_time()
    figure = tuning.measure(vectors, lambda batch: encoded[batch.rows])
    seconds, spent = time.perf_counter() - began, time.process_time() - used
    return {
        "customers": len(tuning.targets.rows), "items": items, "width": width, "depth": depth,
        "seconds": seconds, "cpu_seconds": spent, "customers_per_second": len(tuning.targets.rows) / seconds,
        "gigaflops": 2e-9 * customers * items * width / seconds, "ndcg": figure, "peak_gb": peak_gigabytes(),
    }  # fmt: skip
