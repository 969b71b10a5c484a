"""The report as a page in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shortlist_training.benchmark.methods import OURS
from shortlist_training.benchmark.report.funnel import funnel_lines
from shortlist_training.benchmark.report.machine import machine_lines
from shortlist_training.benchmark.report.rehearsal import rehearsal_lines
from shortlist_training.benchmark.report.tables import figure, interval, seconds, table

INTRODUCTION = """\
# Quality

Written by `shortlist bench quality`, and not by hand; [benchmarks.md](benchmarks.md) says how to run it. Every method
saw the same log, ranked the whole catalogue, and was judged by the same code on what happened afterwards. ± is the
standard error over customers, of the mean over seeds; in brackets stands the standard deviation over seeds, where
there are several. A difference is to `shortlist`, paired by customer, with its 95 % bootstrap interval: where 0 lies in
the interval, the two cannot be told apart. The seconds of a peer are those of its fit; those of `shortlist` are of the
whole command, which also tunes, judges itself, fits again and writes the bundle."""


def markdown(document: Mapping[str, Any], plots: Mapping[str, str]) -> str:
    """Return the page.

    Args:
        document: the report.
        plots: task -> its picture, as the page links to it.
    """
    lines = [INTRODUCTION, "", *machine_lines(document)]
    for task in document["tasks"]:
        lines += ["", *_task(task, plots.get(task["task"]))]
    lines += rehearsal_lines(document["rehearsals"])
    lines += _failures(document["failures"])
    return "\n".join(lines) + "\n"


def _task(task: Mapping[str, Any], plot: str | None) -> Iterator[str]:
    for part in task["parts"]:
        yield from (f"## {task['task']}, {part['part']}", "")
        rule = "may be shown" if part["seen_allowed"] else "are left out"
        yield from (f"Lists of {task['k']}; items that the customer has taken {rule}.", "")
        yield from _methods(part["methods"], task["k"])
        yield from (*_slices(part), "")
    if plot:
        yield from (f"![{task['task']}: tuning figure by round]({plot})", "")
    yield from funnel_lines(task)


def _methods(rows: Sequence[Mapping[str, Any]], k: int) -> Iterator[str]:
    headings = (
        "method", f"nDCG@{k}", f"recall@{k}", f"HR@{k}", f"difference in nDCG@{k}", "seeds", "training", "memory",
    )  # fmt: skip
    yield from table(headings, (_method(row) for row in rows))
    commits = sorted({commit for row in rows for commit in row["commits"]})
    if commits:
        yield from ("", f"Run at {', '.join(commits)}; a + stands for changes on top.")
    libraries = {f"{name} {number}" for row in rows for name, number in row["versions"].items()}
    if libraries:
        yield from ("", f"The peers ran with {', '.join(sorted(libraries))}.")


def _method(row: Mapping[str, Any]) -> list[str]:
    name = f"**{row['method']}**" if row["method"] == OURS else row["method"]
    return [
        name,
        *(figure(row["figures"][metric], spread=metric == "ndcg") for metric in ("ndcg", "recall", "hr")),
        interval(row["differences"].get("ndcg")),
        str(len(row["seeds"])),
        seconds(row["training_seconds"]),
        f"{row['peak_memory_mb']:,.0f} MB",
    ]


def _slices(part: Mapping[str, Any]) -> Iterator[str]:
    if part["histories"]:
        yield from ("", "`shortlist` by the customer's events in the log:", "")
        rows = (
            [one["events"], f"{one['customers']:,}", figure(one["ndcg"]), figure(one["recall"])]
            for one in part["histories"]
        )
        yield from table(("events", "customers", "nDCG", "recall"), rows)
    if part["quarters"]:
        yield from ("", "`shortlist` by the target's popularity, in quarters of the catalogue, 1 the most popular:", "")
        rows = (
            [str(one["quarter"]), f"{one['targets']:,}", f"{one['customers']:,}", figure(one["recall"])]
            for one in part["quarters"]
        )
        yield from table(("quarter", "targets", "customers", "recall"), rows)


def _failures(failures: Sequence[Mapping[str, Any]]) -> list[str]:
    if not failures:
        return []
    rows = ([one["task"], one["method"], str(one["seed"]), one["reason"]] for one in failures)
    return ["", "## Without a result", "", *table(("task", "method", "seed", "reason"), rows, left=4)]
