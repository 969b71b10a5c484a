"""What new items cost a search among 100,000, and how much of what a rebuilt index finds is found.

`python benchmarks/live_items.py BUNDLES FACTORY` takes the two-tower's items of a bundle, adds a tenth as many new,
and compares the bundle's own index, a copy of it that has all new items but the last few, which stand beside it, and an
index of the kind FACTORY, as FAISS calls the bundle's own, that was trained anew on all of them. Times are processor
time of one thread.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.files import open_bundle
from shortlist_bundle.live.engine import FRESH
from shortlist_bundle.packing import unpack_model
from shortlist_bundle.sources.products import Vectors
from shortlist_bundle.sources.vectors import ItemVectors

QUERIES, DEPTH, ROUNDS = 200, 200, 5
SHARE, SPREAD = 0.1, 0.35
OWN = "the bundle's own"


def drawn(vectors: Vectors, count: int, random: np.random.Generator) -> Vectors:
    """Draw items near others: a mean of two of one neighbourhood, and some noise."""
    near = vectors[random.integers(1, len(vectors), count)]
    noise = random.normal(size=near.shape) * SPREAD * near.std(axis=0)
    found = (near + noise).astype(np.float32)
    found[:, :-1] *= np.linalg.norm(near[:, :-1], axis=1, keepdims=True) / np.linalg.norm(
        found[:, :-1], axis=1, keepdims=True
    )
    return found


def rebuilt(items: ItemVectors, vectors: Vectors, factory: str) -> ItemVectors:
    """Train an index of the same kind on everything."""
    fresh = faiss.index_factory(items.index.d, factory, faiss.METRIC_INNER_PRODUCT)
    wide = np.pad(vectors[1:], [(0, 0), (0, items.index.d - vectors.shape[1])])
    fresh.train(wide)
    fresh.add(wide)
    return ItemVectors(vectors, index=faiss.serialize_index(fresh), probes=items.probes, spare=items.spare)


def best(items: ItemVectors, queries: Vectors) -> list[NDArray[np.int32]]:
    allowed = np.ones((1, len(items.vectors)), np.bool_)
    allowed[:, 0] = False
    return [items.scoreboard(query[None]).best(DEPTH, allowed)[0][0] for query in queries]


def recall(items: ItemVectors, queries: Vectors, truth: Sequence[NDArray[np.integer]]) -> float:
    return float(np.mean([len(set(a) & set(b)) / DEPTH for a, b in zip(best(items, queries), truth, strict=True)]))


def cost(candidates: Mapping[str, ItemVectors], queries: Vectors) -> dict[str, float]:
    """Return milliseconds of processor time for one search of each, the least of several rounds in turn."""
    least = dict.fromkeys(candidates, np.inf)
    for _ in range(ROUNDS):
        for name, items in candidates.items():
            start = time.process_time()
            best(items, queries)
            least[name] = min(least[name], 1000 * (time.process_time() - start) / len(queries))
    return least


def main(bundles: str, factory: str) -> None:
    faiss.omp_set_num_threads(1)
    model = unpack_model(open_bundle(Path(bundles), "default", "stable"))
    items, random = model.engine.retriever.tower_items, np.random.default_rng(0)
    old = items.vectors
    new = drawn(old, int(SHARE * (len(old) - 1)), random)
    every = np.concatenate([old, new])
    batch = model.snapshot.histories(np.arange(1, QUERIES + 1, dtype=np.int32))
    rows = np.arange(1, QUERIES + 1, dtype=np.int32)
    queries = model.engine.retriever.tower(rows, model.snapshot.features(rows), batch)
    start = time.process_time()
    merged = items.grown(every[: len(every) - FRESH]).merged(beyond=FRESH)
    seconds = time.process_time() - start
    beside = merged.grown(every)
    again = rebuilt(items, every, factory)
    truth = [ItemVectors(every).exact(query, DEPTH, np.arange(len(every)) > 0).items for query in queries]
    for name, seconds_, candidate in (("copied and added to", seconds, beside), ("trained anew", None, again)):
        told = "" if seconds_ is None else f", made in {seconds_:.2f} s of processor time"
        print(f"recall@{DEPTH} of the index {name}: {recall(candidate, queries, truth):.4f}{told}")
    new_rows = set(range(len(old), len(every)))
    print(f"new items among the best {DEPTH}: {np.mean([len(new_rows & set(one)) for one in truth]):.1f}")
    costs = cost({OWN: items, "with the new": beside, "trained anew": again}, queries)
    for name, spent in costs.items():
        print(f"search, {name}: {spent:.4f} ms, {spent / costs[OWN]:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
