"""Compare polars and pandas on what reading a log is made of.

    python benchmarks/tables.py --data FOLDER

FOLDER is a folder of the data contract with Parquet files, e.g. the `data` of the demo. Each task is repeated and the
median counts; memory is that of a process that does it once.
"""

import argparse
import platform
import resource
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

REPEATS = 3


def polars_tasks(folder: Path, csv: Path) -> dict[str, Callable[[], object]]:
    """Return the tasks as polars does them."""
    import polars as pl

    log = pl.read_parquet(folder / "interactions.parquet")
    buyers = pl.col("customer_id").n_unique().over("item_id")
    return {
        "read CSV as text": lambda: pl.read_csv(csv, infer_schema=False),
        "keep items with 10 buyers": lambda: log.filter(buyers >= 10),
        "sort by customer and time": lambda: log.sort("customer_id", "timestamp", maintain_order=True),
    }


def pandas_tasks(folder: Path, csv: Path) -> dict[str, Callable[[], object]]:
    """Return the tasks as pandas does them."""
    import pandas as pd

    log = pd.read_parquet(folder / "interactions.parquet")
    return {
        "read CSV as text": lambda: pd.read_csv(csv, dtype=str),
        "keep items with 10 buyers": lambda: log[log.groupby("item_id")["customer_id"].transform("nunique") >= 10],
        "sort by customer and time": lambda: log.sort_values(["customer_id", "timestamp"], kind="stable"),
    }


def measure(library: str, folder: Path, csv: Path) -> None:
    """Print the median seconds of each task, and the peak memory of them together."""
    for name, task in (polars_tasks if library == "polars" else pandas_tasks)(folder, csv).items():
        times = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            task()
            times.append(time.perf_counter() - started)
        print(f"{library:<7} {name:<28} {sorted(times)[REPEATS // 2]:6.2f} s", flush=True)
    print(f"{library:<7} peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:8,.0f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data
    print(f"{platform.machine()}, Python {platform.python_version()}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        csv = Path(scratch) / "interactions.csv"
        import polars as pl

        pl.read_parquet(folder / "interactions.parquet").write_csv(csv)
        for library in ("polars", "pandas"):
            process = get_context("spawn").Process(target=measure, args=(library, folder, csv))
            process.start()
            process.join()


if __name__ == "__main__":
    main()
