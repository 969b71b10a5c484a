"""Compare ways to find each item's nearest items by the cosine of their takers.

    python benchmarks/neighbours.py --data FOLDER [--neighbours 100]

FOLDER is a folder of the data contract with Parquet files, e.g. the `data` of the demo. SciPy computes the product in
slices of items and keeps the best of each; `implicit` does both in one pass over several threads.
"""

import argparse
import platform
import resource
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl
from scipy import sparse

SLICE = 500


def takings(folder: Path) -> sparse.csr_matrix:
    """Return customers by items, columns of length 1."""
    log = pl.read_parquet(folder / "interactions.parquet", columns=["customer_id", "item_id"]).unique()
    rows, columns = (log[name].cast(pl.String).rank("dense").to_numpy().astype(int) - 1 for name in log.columns)
    lengths = 1.0 / np.sqrt(np.bincount(columns)[columns])
    return sparse.csr_matrix((lengths, (rows, columns)))


def by_implicit(taken: sparse.csr_matrix, neighbours: int) -> sparse.csr_matrix:
    """Return item by item, the best of each row."""
    from implicit.nearest_neighbours import ItemItemRecommender

    model = ItemItemRecommender(K=neighbours, num_threads=0)
    model.fit(taken, show_progress=False)
    return model.similarity.tocsr()


def by_scipy(taken: sparse.csr_matrix, neighbours: int) -> sparse.csr_matrix:
    """Return the same from the whole product, a slice of items at a time."""
    items, parts = taken.T.tocsr(), []
    for start in range(0, items.shape[0], SLICE):
        product = (items[start : start + SLICE] @ taken).toarray()
        best = np.argpartition(-product, neighbours, axis=1)[:, :neighbours]
        values = np.take_along_axis(product, best, axis=1)
        offsets = np.arange(len(product) + 1) * neighbours
        parts.append(sparse.csr_matrix((values.ravel(), best.ravel(), offsets), shape=product.shape))
    return sparse.vstack(parts, format="csr")


WAYS: dict[str, Callable[[sparse.csr_matrix, int], sparse.csr_matrix]] = {"implicit": by_implicit, "scipy": by_scipy}


def measure(way: str, folder: Path, neighbours: int) -> None:
    """Print seconds, peak memory, and the sum of all similarities kept, which must be the same for every way."""
    taken = takings(folder)
    started = time.perf_counter()
    found = WAYS[way](taken, neighbours)
    seconds, peak = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{way:<9} {seconds:6.1f} s   peak {peak:7,.0f} MB   {found.shape[0]:,} items, sum {found.sum():.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--neighbours", type=int, default=100)
    arguments = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}", flush=True)
    for way in WAYS:
        process = get_context("spawn").Process(target=measure, args=(way, arguments.data, arguments.neighbours))
        process.start()
        process.join()


if __name__ == "__main__":
    main()
