"""The ablations as a page in Markdown."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shortlist_training.benchmark.report.machine import machine_lines
from shortlist_training.benchmark.report.tables import figure, interval, seconds, table

INTRODUCTION = """\
# Ablations

Written by `shortlist bench ablations`, and not by hand; [benchmarks.md](benchmarks.md) says how to run it. For each
log and seed the retriever of the first fit proposes candidates, and the scorer is fitted on them again and again, each
time with one thing taken away. The lists are judged on the newest window of the log itself, which neither has seen; the
targets of the tasks are not looked at.

± is the standard error over customers, of the mean over seeds; in brackets stands the standard deviation over seeds,
where there are several. A difference is to the scorer that has everything, paired by customer, with its 95 % bootstrap
interval over customers. How much of it is the chance of a fit shows in the row "nothing, another seed of the scorer":
what is no larger than that says nothing. What is taken away one at a time may also be told by something else that
stays, so the rows do not add up."""

DIFFERENCES = ("difference", "cold", "tail")
MODES = {"all": "all items", "new": "items new to the customer"}


def ablation_markdown(document: Mapping[str, Any], plots: Mapping[str, str]) -> str:
    """Return the page.

    Args:
        document: of `ablation_document`.
        plots: task -> its picture, as the page links to it.
    """
    lines = [INTRODUCTION, "", *machine_lines(document)]
    for task in document["tasks"]:
        lines += ["", *_task(task, plots.get(task["task"]), document["cold_events"])]
    lines += _failures(document["failures"])
    return "\n".join(lines) + "\n"


def _task(task: Mapping[str, Any], plot: str | None, cold: int) -> Iterator[str]:
    yield from (f"## {task['task']}", "")
    seeds = ", ".join(str(seed) for seed in task["seeds"])
    ran = f" Run at {', '.join(task['commits'])}; a + stands for changes on top." if task["commits"] else ""
    yield f"Seeds {seeds}; {seconds(task['seconds'])} and {task['peak_memory_mb']:,.0f} MB each.{ran}"
    yield f"Split: {task['split']['kind']}, because {task['split']['reason']}."
    if task["settings"]:
        unusual = ", ".join(f"`{name} = {json.dumps(value)}`" for name, value in task["settings"].items())
        yield f"Settings other than the defaults: {unusual}."
    if plot:
        yield from ("", f"![{task['task']}: what taking things away costs]({plot})")
    for mode in task["modes"]:
        yield from ("", f"### {task['task']}, {MODES[mode['mode']]}", "")
        yield f"{mode['customers']:,} customers, {mode['targets']:.1f} targets each."
        yield from ("", "What is taken away, what costs most first:", "")
        yield from _variants(mode, mode["taken"], task["k"], cold, "without")
        yield from (
            "",
            f"Candidates of one source alone, {task['budget']} of them; who gets none from it gets one of the",
            "two-tower's:",
            "",
        )
        yield from _variants(mode, mode["alone"], task["k"], cold, "source alone")
        yield from ("", *_slices(mode, task["k"], cold), "", *_found(mode["found"], task["k"], task["budget"]))


def _variants(
    mode: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], k: int, cold: int, heading: str
) -> Iterator[str]:
    headings = (
        heading, f"nDCG@{k}", "difference", f"the same, customers of up to {cold} events",
        f"difference in recall@{k} of tail items",
    )  # fmt: skip
    whole = ["**everything there**", figure(mode["full"]["ndcg"], spread=True), "", "", ""]
    cells = (
        [row["name"], figure(row["ndcg"], spread=True), *(_difference(row[name]) for name in DIFFERENCES)]
        for row in rows
    )
    yield from table(headings, [whole, *cells])


def _difference(value: Mapping[str, Any]) -> str:
    return interval(value) if value["customers"] else ""


def _slices(mode: Mapping[str, Any], k: int, cold: int) -> Iterator[str]:
    yield from ("For whom, and for what, everything together works:", "")
    full = mode["full"]
    slices = (
        (f"customers of up to {cold} events", "cold"),
        (f"customers of more than {cold} events", "warm"),
        ("tail items: all but the few that have a fifth of the takings", "tail"),
    )
    rows = [
        [
            name,
            f"{one['customers']:,}",
            *(figure(one[metric]) if metric in one else "" for metric in ("ndcg", "recall")),
        ]
        for name, one in ((name, full[key]) for name, key in slices)
        if one["customers"]
    ]
    yield from table(("slice", "customers", f"nDCG@{k}", f"recall@{k}"), rows)


def _found(found: Mapping[str, Any], k: int, budget: int) -> Iterator[str]:
    depths = list(found["together"])
    yield from ("What there is to be ordered, as recall by depth of each source's list:", "")
    headings = ("source", *depths, "may propose", "places that are its alone", "recall in these")
    rows = [
        [
            one["source"], *(figure(one["recall"][depth]) for depth in depths),
            str(one["proposes"]), f"{one['places']:.1f}", figure(one["only"]),
        ]
        for one in found["sources"]
    ]  # fmt: skip
    together = [figure(found["together"][depth]["recall"]) for depth in depths]
    sizes = [f"{found['together'][depth]['size']:.0f}" for depth in depths]
    yield from table(headings, [*rows, ["all together", *together, "", "", ""], ["items in these", *sizes, "", "", ""]])
    gain, merged = found["merge_gain"], found["merged"]
    yield ""
    yield f"The merged shortlist has {merged['size']:.0f} items and a recall of {figure(merged['recall'])}:"
    yield f"{interval(gain)} against {budget} of {gain['best']}, the best source alone."
    yield f"Ordered by rank fusion it has an nDCG@{k} of {figure(found['fused'])}; the scorer adds"
    yield f"{interval(found['scorer_gain'])}; the best order there could be has {figure(found['perfect'])}."


def _failures(failures: Sequence[Mapping[str, Any]]) -> list[str]:
    if not failures:
        return []
    rows = ([one["task"], str(one["seed"]), one["reason"]] for one in failures)
    return ["", "## Without a result", "", *table(("task", "seed", "reason"), rows, left=3)]
