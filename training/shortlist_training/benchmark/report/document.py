"""The whole report as one JSON document."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shortlist_training.benchmark.bootstrap import LEVEL, RESAMPLES
from shortlist_training.benchmark.course import failures
from shortlist_training.benchmark.machine import describe_machine
from shortlist_training.benchmark.methods import Method
from shortlist_training.benchmark.ours import Ours
from shortlist_training.benchmark.rehearsal import beside_rehearsals
from shortlist_training.benchmark.results import Results
from shortlist_training.benchmark.summary import Summary
from shortlist_training.benchmark.task import BenchmarkTask


def report_document(
    results: Results,
    ours: Ours,
    tasks: Sequence[BenchmarkTask],
    methods: Sequence[Method],
    seeds: Sequence[int],
    command: str,
) -> dict[str, Any]:
    """Return everything that there is to say about the results, as plain JSON."""
    found = Summary(results=results, ours=ours, seeds=seeds).tasks(tasks, methods)
    return {
        "command": command,
        "machine": describe_machine(),
        "bootstrap": {"resamples": RESAMPLES, "level": LEVEL},
        "tasks": found,
        "rehearsals": beside_rehearsals(found),
        "failures": list(failures(results, tasks, methods, seeds)),
    }


def shown_command(arguments: Sequence[str], folders: Sequence[Path]) -> str:
    """Return the command line without places of this machine: of every path its last name."""
    names = {str(folder): folder.resolve().name for folder in folders}
    return " ".join(["shortlist", *(names.get(one, Path(one).name if "/" in one else one) for one in arguments)])
