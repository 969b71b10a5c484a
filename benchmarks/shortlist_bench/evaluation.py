"""Judge many customers by their full ranking of a large catalogue, as training judges its embedding spaces."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from shortlist_bench.peak import peak_gigabytes
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.spec import FeatureSpec
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.split.plan import SplitKind, plan_split
from shortlist_training.stages.tuning_window import TuningWindow

EVENTS = 50
"""Of each customer; the last of them are asked for."""


def measure_evaluation(customers: int, items: int, *, width: int, depth: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Return what it takes to rank all items for every customer without what they had, and to work out the metrics.

    Args:
        customers: who are judged.
        items: of the catalogue.
        width: of the vectors.
        depth: of the lists.
        say: is told what was drawn.
    """
    random = np.random.default_rng(0)
    dataset = _drawn(customers, items, random)
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


def _drawn(customers: int, items: int, random: np.random.Generator) -> Dataset:
    nothing = FeatureEncoder(FeatureSpec(columns=()))
    events = Histories(
        offsets=np.concatenate([[0], np.arange(customers + 1) * EVENTS]).astype(np.int64),
        items=random.integers(1, items + 1, customers * EVENTS).astype(np.int32),
        times=np.tile(np.arange(EVENTS, dtype=np.float64), customers),
        values=np.ones(customers * EVENTS, np.float32),
    )
    return Dataset(
        customers=Vocabulary(map(str, range(customers))), items=Vocabulary(map(str, range(items))), events=events,
        ratings=None, steps=np.tile(np.arange(EVENTS, dtype=np.int32), customers), has_times=True, repeats=False,
        customer_encoder=nothing, item_encoder=nothing, customer_features=nothing.empty(customers + 1),
        item_features=nothing.empty(items + 1),
    )  # fmt: skip
