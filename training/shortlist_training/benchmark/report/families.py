"""Every family alone, and all together, as a page in Markdown."""

from collections.abc import Iterator, Mapping
from typing import Any

from shortlist_training.benchmark.report.machine import machine_lines
from shortlist_training.benchmark.report.tables import figure, table

INTRODUCTION = """\
# Every family alone, and all together

Written by `shortlist bench families`, and not by hand; [benchmarks.md](benchmarks.md#families) says how to run it. Each
row is judged on the newest window of the task's own log, which the fit had not seen, as the bundle's metrics tell it:
each source alone, and the whole list, in which the scorer orders what all of them propose.

nDCG and recall at 20 are of lists; recall at 200 is of candidates: of each source its best 200, of the whole list the
merged shortlist, whose size stands above the table. Coverage is the share of the catalogue in anybody's list of 20,
novelty the mean surprise of what is in them, in bits: -log2 of an item's share of all takings before. ± is the standard
error over customers."""

HEADINGS = ("source", "nDCG@20", "recall@20", "recall@200", "coverage@20", "novelty@20")
MODES = {"all": "all items", "new": "items new to the customer"}


def families_markdown(document: Mapping[str, Any]) -> str:
    """Return the page.

    Args:
        document: of `families_document`.
    """
    lines = [INTRODUCTION, "", *machine_lines(document)]
    for task in document["tasks"]:
        lines += ["", f"## {task['task']}", ""]
        lines += [f"Bundle {task['bundle']}; split: {task['split']['kind']}, because {task['split']['reason']}."]
        for mode in task["modes"]:
            lines += ["", *_mode(task["task"], mode)]
    if document["failures"]:
        rows = ([one["task"], str(one["seed"]), one["reason"]] for one in document["failures"])
        lines += ["", "## Without a result", "", *table(("task", "seed", "reason"), rows, left=3)]
    return "\n".join(lines) + "\n"


def _mode(task: str, mode: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"### {task}, {MODES[mode['mode']]}", "")
    yield f"{mode['customers']:,} customers, {mode['targets']:.1f} targets each; {mode['size']:.0f} candidates."
    if not mode["best"]:
        yield "Here a source alone has a higher nDCG@20 than the whole list."
    yield ""
    yield from table(HEADINGS, (_cells(row, n == 0) for n, row in enumerate(mode["rows"])))


def _cells(row: Mapping[str, Any], whole: bool) -> list[str]:
    coverage, novelty = row["coverage"], row["novelty"]
    return [
        f"**{row['name']}**" if whole else row["name"],
        *(figure(row[name]) for name in ("ndcg", "recall", "candidates")),
        "" if coverage is None else f"{coverage:.1%}",
        "" if novelty is None else f"{novelty:.2f}",
    ]
