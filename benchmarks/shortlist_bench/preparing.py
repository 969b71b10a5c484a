"""What it takes to make a dataset of a log's files: read, understand, sort, number."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shortlist_bench.child import in_child
from shortlist_bench.drawn_log import write_drawn_log
from shortlist_bench.peak import peak_gigabytes
from shortlist_training.dataset.build import build_dataset
from shortlist_training.log import read_log


def measure_preparation(events: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Return seconds and memory of a process of its own that makes a dataset of a drawn log of so many events.

    Args:
        events: interactions of the log, written as Parquet beforehand.
        say: is told what was drawn.
    """
    with tempfile.TemporaryDirectory() as room:
        in_child(write_drawn_log, Path(room), events)
        megabytes = sum(file.stat().st_size for file in Path(room).iterdir()) / 1e6
        say(f"{events:,} interactions, {megabytes:,.0f} MB of Parquet")
        return in_child(_prepare, Path(room))


def _prepare(folder: Path) -> dict[str, Any]:
    idle, began, used = peak_gigabytes(), time.perf_counter(), time.process_time()
    log = read_log(folder)
    read = time.perf_counter() - began
    dataset = build_dataset(log)
    return {
        "events": len(dataset.events.items), "customers": len(dataset.customers) - 1, "items": len(dataset.items) - 1,
        "read_seconds": read, "build_seconds": time.perf_counter() - began - read,
        "seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - used,
        "peak_gb": peak_gigabytes(), "libraries_gb": idle,
    }  # fmt: skip
