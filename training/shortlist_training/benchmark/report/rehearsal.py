"""Rehearsals and judged tasks side by side, as lines of the page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shortlist_training.benchmark.report.tables import figure, table

WORDS = """\
A rehearsal is the same task cut one window earlier. Windows differ: what all methods gain alike is the window's. A
method that is ahead of its rehearsal by more than two standard errors, and by more than the others are, needs to be
explained: luck, or settings that were chosen by looking."""


def rehearsal_lines(parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a table for each part of a task that has a rehearsal among the tasks; nothing where none has."""
    if not parts:
        return
    yield from ("", "## Rehearsal and judged", "", WORDS)
    for part in parts:
        yield from ("", f"{part['task']}, {part['part']}, nDCG@{part['k']}:", "")
        headings = ("method", "rehearsal", "judged", "judged less rehearsal", "ahead by more than noise")
        yield from table(headings, (_row(row) for row in part["methods"]))


def _row(row: Mapping[str, Any]) -> list[str]:
    difference = f"{row['difference']['mean']:+.4f} ±{row['difference']['error']:.4f}"
    return [
        row["method"], figure(row["rehearsal"], spread=True), figure(row["judged"], spread=True), difference,
        "yes" if row["ahead"] else "",
    ]  # fmt: skip
