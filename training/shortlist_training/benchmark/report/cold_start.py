"""The cold starts as a page in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shortlist_training.benchmark.report.machine import machine_lines
from shortlist_training.benchmark.report.tables import figure, interval, seconds, table

INTRODUCTION = """\
# Cold start

Written by `shortlist bench cold-start`, and not by hand; [benchmarks.md](benchmarks.md#cold-start) says how to run it.
Some customers are held out of the log, the rest up to its newest window is trained on as usual, and the held-out ask
for a list as a stranger does: with the newest few items of their history, or none, in the request, with their features,
or without. The lists are judged by what they took in the newest window. Then, in another training, some items are held
out of the log, while the table of items still describes them, and those who took one in the window ask for a list.

± is the standard error over customers; in brackets stands the standard deviation over seeds, where there are several. A
difference is of the whole list to another, paired by customer, with its 95 % bootstrap interval."""

NAMES = {"popularity": "popularity", "segment_popularity": "popularity in the segment"}


def cold_start_markdown(document: Mapping[str, Any], plots: Mapping[str, str]) -> str:
    """Return the page.

    Args:
        document: of `cold_start_document`.
        plots: task -> its picture, as the page links to it.
    """
    lines = [INTRODUCTION, "", *machine_lines(document)]
    for task in document["tasks"]:
        lines += ["", *_task(task, document["k"], plots.get(task["task"]))]
    lines += _failures(document["failures"])
    return "\n".join(lines) + "\n"


def _task(task: Mapping[str, Any], k: int, plot: str | None) -> Iterator[str]:
    yield from (f"## {task['task']}", "")
    seeds = ", ".join(str(seed) for seed in task["seeds"])
    ran = f" Run at {', '.join(task['commits'])}; a + stands for changes on top." if task["commits"] else ""
    yield f"Seeds {seeds}; {seconds(task['seconds'])} and {task['peak_memory_mb']:,.0f} MB each.{ran}"
    yield f"Split: {task['split']['kind']}, because {task['split']['reason']}. Held out: {task['share']:.0%}."
    if plot:
        yield from ("", f"![{task['task']}: quality by length of history]({plot})")
    yield from ("", f"### {task['task']}, customers nobody has seen", "")
    yield from _customers(task["customers"], k) if task["customers"] else (task["missing"]["customers"] + ".",)
    yield from ("", f"### {task['task']}, items nobody has touched", "")
    yield from _items(task["items"]) if task["items"] else (task["missing"]["items"] + ".",)


def _customers(found: Mapping[str, Any], k: int) -> Iterator[str]:
    methods = list(found["rows"][0]["ndcg"])
    baselines = [method for method in methods if method in NAMES]
    yield f"{found['customers']:,} customers, the same in every row; nDCG@{k}:"
    yield ""
    headings = (
        "request brings", "items of history", "whole list", *(NAMES[name] for name in baselines),
        *(f"difference to {NAMES[name]}" for name in baselines), "the reply says",
    )  # fmt: skip
    yield from table(headings, (_cells(row, baselines) for row in found["rows"]))


def _cells(row: Mapping[str, Any], baselines: Sequence[str]) -> list[str]:
    (served, *_) = row["ndcg"].values()
    paths = ", ".join(f"`{path}` ({count:,})" for path, count in row["paths"].items())
    return [
        "features" if row["features"] else "no features",
        str(row["length"]),
        figure(served, spread=True),
        *(figure(row["ndcg"][name], spread=True) for name in baselines),
        *(interval(row["gain"][name]) for name in baselines),
        paths,
    ]


def _items(found: Mapping[str, Any]) -> Iterator[str]:
    depths = [name for name in found["rows"][0] if name != "method"]
    yield f"{found['customers']:,} customers took {found['targets']:.1f} of the held-out items each. The"
    yield "share of these that is in a list, among all items:"
    yield ""
    rows = ([row["method"], *(figure(row[depth], spread=True) for depth in depths)] for row in found["rows"])
    yield from table(("list", *depths), rows)
    for other, gains in found["gain"].items():
        yield ""
        told = "; ".join(f"{depth} {interval(gains[depth])}" for depth in depths)
        yield f"The whole list against {other}: {told}."


def _failures(failures: Sequence[Mapping[str, Any]]) -> list[str]:
    if not failures:
        return []
    rows = ([one["task"], str(one["seed"]), one["reason"]] for one in failures)
    return ["", "## Without a result", "", *table(("task", "seed", "reason"), rows, left=3)]
