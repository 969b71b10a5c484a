"""Compare the ways to find the nearest items that a filter allows, by how many it allows.

    python benchmarks/filters.py [--items 100000] [--width 64] [--depth 200] [--queries 60]

Vectors are drawn around a few hundred centres, as learnt ones lie. A filter allows items at random, or ("far") those
that are furthest from the query, which is what leaving out a customer's favourite department does. For each share: what
every way costs, and which share of the exact nearest it finds; `*` marks the way that is chosen.
"""

import argparse
import platform
import time
from collections.abc import Callable, Iterator

import faiss
import numpy as np
from threadpoolctl import threadpool_limits

from shortlist_bundle.sources.found import Found
from shortlist_bundle.sources.strategies import Strategy
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_training.config.run import IndexConfig
from shortlist_training.stages.indexing import choose, neighbours_found

SHARES = (1.0, 0.95, 0.5, 0.25, 0.1, 0.05, 0.01, 0.001)
CENTRES = 300
NOISE = 0.9
Way = Callable[[np.ndarray, np.ndarray], Found | None]


def drawn(count: int, width: int, seed: int, centres: np.ndarray) -> np.ndarray:
    """Return vectors around the centres and a bias, float32 [count, width + 1]."""
    random = np.random.default_rng(seed)
    vectors = centres[random.integers(0, len(centres), count)] + NOISE * random.normal(size=(count, width))
    return np.concatenate([vectors, random.normal(size=(count, 1))], axis=1).astype(np.float32)


def masks(kind: str, share: float, vectors: np.ndarray, queries: np.ndarray) -> Iterator[np.ndarray]:
    """Yield what each query may find, bool [N + 1]."""
    random = np.random.default_rng(7)
    for query in queries:
        allowed = random.random(len(vectors)) < share
        if kind == "far":
            scores = vectors @ query
            allowed = scores < np.quantile(scores, share) if share < 1 else allowed
        allowed[0] = False
        yield allowed


def ways(items: ItemVectors, exact: ItemVectors, depth: int) -> dict[Strategy, Way]:
    """Return each way as a function of query and mask."""

    def every(query: np.ndarray, allowed: np.ndarray) -> Found | None:
        exact.scoreboard(query[None]).best(depth, allowed[None])
        return None

    return {
        Strategy.EXACT: every,
        Strategy.GATHERED: lambda query, allowed: items.exact(query, depth, allowed),
        Strategy.SELECTOR: lambda query, allowed: items.selected(query, depth, allowed),
        Strategy.OVER_FETCH: lambda query, allowed: items.over_fetched(query, depth, allowed),
    }


def measure(way: Way, queries: np.ndarray, allowed: list[np.ndarray], right: list[np.ndarray]) -> tuple[float, float]:
    """Return microseconds of processor time a query (median), and the share of the right items found.

    The share is NaN where the way gives up.
    """
    way(queries[0], allowed[0])
    seconds, shares = [], []
    for query, mask, wanted in zip(queries, allowed, right, strict=True):
        started = time.thread_time()
        found = way(query, mask)
        seconds.append(time.thread_time() - started)
        shares.append(np.nan if found is None else np.isin(wanted, found.items).mean())
    return 1e6 * float(np.median(seconds)), float(np.mean(shares))


def line(
    kind: str, share: float, measured: list[tuple[float, float]], plan: Strategy, chosen: tuple[float, float]
) -> str:
    """Return one row of the table."""
    marked = [
        f"{cost:6.0f} ({recall:.3f}){'*' if way is plan else ' '}"
        for way, (cost, recall) in zip(Strategy, measured, strict=True)
    ]
    return (
        f"{kind:>8} {share:7.1%} " + "".join(f"{cell:>18}" for cell in marked) + f"{chosen[0]:8.0f} ({chosen[1]:.3f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--depth", type=int, default=200)
    parser.add_argument("--queries", type=int, default=60)
    given = parser.parse_args()
    faiss.omp_set_num_threads(1)
    threadpool_limits(limits=1)
    centres = np.random.default_rng(0).normal(size=(CENTRES, given.width))
    vectors = drawn(given.items + 1, given.width, 1, centres)
    queries = drawn(given.queries, given.width, 2, centres)
    queries[:, -1] = 1
    queries = drawn(500, given.width, 3, centres)
    items, figures = choose(vectors, neighbours_found(vectors, queries), IndexConfig())
    exact = ItemVectors(vectors)
    print(f"{platform.machine()}, Python {platform.python_version()}, {given.items:,} items, {figures}")
    print("us (recall)      " + "".join(f"{way.value:>17} " for way in Strategy) + "  what was done")
    for kind in ("random", "far"):
        for share in SHARES:
            allowed = list(masks(kind, share, vectors, queries))
            right = [items.exact(query, given.depth, mask).items for query, mask in zip(queries, allowed, strict=True)]
            cells = [measure(way, queries, allowed, right) for way in ways(items, exact, given.depth).values()]
            chosen = measure(lambda query, mask: items.search(query, given.depth, mask), queries, allowed, right)
            print(line(kind, share, cells, items.plan(allowed[0]), chosen), flush=True)


if __name__ == "__main__":
    main()
