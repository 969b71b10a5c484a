"""Measure the cold start of one log and seed; the process that `shortlist bench cold-start` starts for each.

    python -m shortlist_training.benchmark.cold_start --data FOLDER --seed 0 --out FOLDER

Writes OUT/customers.parquet and OUT/items.parquet as each is done, and OUT/measured.json at the end.
"""

import sys

from shortlist_training.benchmark.seeds.program import Measure, run_program


def _measuring() -> Measure:
    from shortlist_training.benchmark.cold_start.measuring import measure

    return measure


if __name__ == "__main__":
    sys.exit(run_program(__doc__, _measuring))
