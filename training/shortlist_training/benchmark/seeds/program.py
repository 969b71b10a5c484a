"""The program that measures one log with one seed: its arguments, its errors, and the file that says it is done."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shortlist_training.errors import TrainingError

FAILED_EXIT = 3

Measure = Callable[..., dict[str, Any]]
"""A log, its configuration, the folder of results and the progress -> what there is to say besides the figures."""


def run_program(description: str, measuring: Callable[[], Measure]) -> int:
    """Measure what the command line names, and return the program's exit code.

    Args:
        description: of the program.
        measuring: imports what measures, which is slow, once the command line was read.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    # Says nothing that a user could act on; errors still come through.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        _run(measuring(), given.data, given.seed, given.out)
    except TrainingError as problem:
        print(problem, file=sys.stderr)
        return FAILED_EXIT
    return 0


def _run(measure: Measure, data: Path, seed: int, out: Path) -> None:
    from shortlist_training.benchmark.seeds.folder import MEASURED, SeedFolder
    from shortlist_training.benchmark.seeds.settings import settings_of
    from shortlist_training.log import read_log
    from shortlist_training.progress import progress_for

    config = settings_of(data, seed)
    measured = measure(read_log(data, config.data), config, SeedFolder(out), progress_for())
    (out / MEASURED).write_text(json.dumps(measured), encoding="utf-8")
