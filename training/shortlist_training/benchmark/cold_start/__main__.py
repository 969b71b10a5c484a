"""Measure the cold start of one log and seed; the process that `shortlist bench cold-start` starts for each.

    python -m shortlist_training.benchmark.cold_start --data FOLDER --seed 0 --out FOLDER

Writes OUT/customers.parquet and OUT/items.parquet as each is done, and OUT/measured.json at the end.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from shortlist_training.errors import TrainingError

FAILED = 3


def main() -> int:
    """Run the program and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    # Says nothing that a user could act on; errors still come through.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        run(given.data, given.seed, given.out)
    except TrainingError as problem:
        print(problem, file=sys.stderr)
        return FAILED
    return 0


def run(data: Path, seed: int, out: Path) -> None:
    """Measure everything, and say so in a file.

    Raises:
        TrainingError: The log cannot be read, has no order to learn, or is too small.
    """
    from shortlist_training.benchmark.ablations.files import MEASURED, SeedFolder
    from shortlist_training.benchmark.ablations.settings import settings_of
    from shortlist_training.benchmark.cold_start.measuring import measure
    from shortlist_training.log import read_log
    from shortlist_training.progress import progress_for

    config = settings_of(data, seed)
    measured = measure(read_log(data, config.data), config, SeedFolder(out), progress_for())
    (out / MEASURED).write_text(json.dumps(measured), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
