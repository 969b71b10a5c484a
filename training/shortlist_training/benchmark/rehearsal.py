"""Tasks beside their rehearsals: whether what was found while trying things out holds where it counts."""

from collections.abc import Iterator, Mapping, Sequence
from math import hypot
from typing import Any

from shortlist_training.benchmark.task import REHEARSAL

NOISE = 2.0
"""Standard errors within which two figures cannot be told apart."""


def beside_rehearsals(tasks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return every part of a task that stands beside the same part of its rehearsal, with the methods of both.

    The two are of different windows and so of other targets: nothing is paired, and the error of a difference is that
    of independent figures.

    Args:
        tasks: of `Summary.tasks`.
    """
    rehearsals = {task["task"]: task for task in tasks if REHEARSAL in task["task"]}
    pairs = [(task, rehearsals.get(task["task"] + REHEARSAL)) for task in tasks]
    return [found for task, rehearsal in pairs if rehearsal for found in _parts(task, rehearsal)]


def _parts(task: Mapping[str, Any], rehearsal: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    rehearsed = {part["part"]: part for part in rehearsal["parts"]}
    for part in task["parts"]:
        if part["part"] in rehearsed and task["k"] == rehearsal["k"]:
            rows = list(_methods(part, rehearsed[part["part"]]))
            yield {"task": task["task"], "part": part["part"], "k": task["k"], "methods": rows}


def _methods(part: Mapping[str, Any], rehearsal: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    rehearsed = {row["method"]: row["figures"]["ndcg"] for row in rehearsal["methods"]}
    for row in part["methods"]:
        if row["method"] in rehearsed:
            before, judged = rehearsed[row["method"]], row["figures"]["ndcg"]
            difference, error = judged["mean"] - before["mean"], hypot(judged["error"], before["error"])
            yield {
                "method": row["method"],
                "rehearsal": before,
                "judged": judged,
                "difference": {"mean": difference, "error": error},
                "ahead": difference > NOISE * error,
            }
