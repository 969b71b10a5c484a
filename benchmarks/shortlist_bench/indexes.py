"""Every index that may be worth building over some vectors: what it finds, and what a search takes here."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import faiss
import numpy as np
from threadpoolctl import threadpool_limits

from shortlist_bundle.sources.products import Vectors
from shortlist_bundle.sources.scoreboard import Mask
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_training.stages.index_building import Built
from shortlist_training.stages.index_candidates import candidates
from shortlist_training.stages.indexing import neighbours_found

WARM_UP, TURNS = 20, 5


def measure_indexes(
    vectors: Vectors, queries: Vectors, *, depth: int, dearest: float, say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Return a row for each index with its search settings, the cheapest by reckoning first.

    Args:
        vectors: float32 [N + 1, D], row 0 is nobody.
        queries: float32 [Q, D].
        depth: neighbours wanted.
        dearest: candidates that are reckoned to cost more than so many times exact search are left out.
        say: is told what was built.
    """
    built, count = Built(vectors), len(vectors) - 1
    judge = neighbours_found(vectors, queries, depth=depth)
    found = candidates(count, built.width, depth)
    exact = next(one.nanoseconds for one in found if not one.factory)
    everything = np.ones((1, len(vectors)), np.bool_)
    everything[:, 0] = False
    rows, indexes = [], dict[str, tuple[float, float]]()
    faiss.omp_set_num_threads(1)
    with threadpool_limits(limits=1):
        for candidate in found:
            if candidate.nanoseconds > dearest * exact:
                continue
            began = time.perf_counter()
            items = built.items(candidate)
            if candidate.factory not in indexes:
                say(f"{candidate.factory or 'exact'}: built")
                size = faiss.serialize_index(items.index).nbytes if items.approximate else vectors.nbytes
                indexes[candidate.factory] = (time.perf_counter() - began, size / 1e6)
            seconds, megabytes = indexes[candidate.factory]
            search = microseconds(items, queries, depth, everything)
            rows.append({
                "index": candidate.factory or "exact", "probes": candidate.probes, "spare": candidate.spare,
                "reckoned_us": candidate.nanoseconds / 1000, "search_us": search,
                "recall": judge(items) if candidate.factory else 1.0, "build_seconds": seconds, "megabytes": megabytes,
            })  # fmt: skip
    return rows


def microseconds(items: ItemVectors, queries: Vectors, depth: int, everything: Mask) -> float:
    """Return the median over queries of the least processor time of a few turns."""
    least = []
    for query in queries[:WARM_UP]:
        items.scoreboard(query[None]).best(depth, everything)
    for query in queries[: 5 * WARM_UP]:
        turns = []
        for _ in range(TURNS):
            began = time.thread_time()
            items.scoreboard(query[None]).best(depth, everything)
            turns.append(time.thread_time() - began)
        least.append(min(turns))
    return 1e6 * float(np.median(least))


def index_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as lines of text."""
    head = (
        f"{'index':22}{'probes':>8}{'spare':>7}{'reckoned us':>13}{'search us':>11}{'recall':>8}{'build s':>9}{'MB':>9}"
    )
    lines = [
        f"{row['index']:22}{row['probes']:>8}{row['spare']:>7g}{row['reckoned_us']:>13.1f}{row['search_us']:>11.1f}"
        f"{row['recall']:>8.4f}{row['build_seconds']:>9.1f}{row['megabytes']:>9.1f}"
        for row in rows
    ]
    return "\n".join([head, *lines])
