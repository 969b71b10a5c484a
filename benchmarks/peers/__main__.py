"""Fit one peer to one task and write its lists; the process that `shortlist bench quality` starts for each.

    python -m benchmarks.peers --list
    python -m benchmarks.peers NAME --data FOLDER --parts '{"all": true}' --k 20 --seed 0 --out FOLDER

Writes OUT/PART.parquet (customer_id, rank, item_id) and OUT/fit.json: seconds, peak memory, versions. Exits with 3, and
the reason on the last line of the errors, where the peer cannot be run here.
"""

import argparse
import json
import platform
import resource
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.peers.lists import NOBODY
from benchmarks.peers.registry import PEERS, peer
from benchmarks.peers.task import Ints, PeerError, Task, read_task

CANNOT_RUN = 3
BASE_LIBRARIES = ("numpy", "scipy", "polars")


def main() -> int:
    """Run the program and return its exit code."""
    given = _arguments()
    if given.list:
        print(json.dumps({name: {"seeded": one.seeded} for name, one in PEERS.items()}))
        return 0
    try:
        run(given.name, read_task(given.data, json.loads(given.parts), given.k), given.seed, given.out)
    except PeerError as problem:
        print(problem, file=sys.stderr)
        return CANNOT_RUN
    return 0


def run(name: str, task: Task, seed: int, out: Path) -> None:
    """Fit, write the lists of every part, and what it took."""
    chosen, started = peer(name), time.perf_counter()
    fitted = chosen.fit()(task, seed)
    fitting = time.perf_counter() - started
    out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    for part in task.parts:
        lists_frame(task, fitted.lists(part)).write_parquet(out / f"{part}.parquet")
    took = {
        "fit_seconds": fitting,
        "list_seconds": time.perf_counter() - started,
        "peak_memory_mb": peak_memory(),
        "versions": {"python": platform.python_version(), **_versions((*BASE_LIBRARIES, *chosen.libraries))},
    }
    (out / "fit.json").write_text(json.dumps(took))


def lists_frame(task: Task, lists: Ints) -> pl.DataFrame:
    """Return lists of item rows as a table of ids, ranks from 1."""
    owners, places = np.nonzero(lists != NOBODY)
    customers, items = np.asarray(task.customers, object), np.asarray(task.items, object)
    return pl.DataFrame(
        {
            "customer_id": customers[owners].tolist(),
            "rank": (places + 1).astype(np.int32),
            "item_id": items[lists[owners, places]].tolist(),
        },
        schema={"customer_id": pl.String, "rank": pl.Int32, "item_id": pl.String},
    )


def peak_memory() -> float:
    """Return the most memory that this process has held, in megabytes."""
    try:
        # A new program's `ru_maxrss` begins with what its parent held; this begins with nothing.
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6
    except (OSError, StopIteration):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _versions(libraries: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for library in libraries:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--parts", default="{}")
    parser.add_argument("--k", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
