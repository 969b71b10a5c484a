"""Measure the ablations of one log and seed; the process that `shortlist bench ablations` starts for each.

    python -m shortlist_training.benchmark.ablations --data FOLDER --seed 0 --out FOLDER

Writes OUT/VARIANT.parquet as each is done, and OUT/measured.json at the end.
"""

import sys

from shortlist_training.benchmark.seeds.program import Measure, run_program


def _measuring() -> Measure:
    from shortlist_training.benchmark.ablations.measuring import measure_all

    return measure_all


if __name__ == "__main__":
    sys.exit(run_program(__doc__, _measuring))
