"""The figures as a table, in words or Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from shortlist_bench.learning.arms import MEANING

COLUMNS: Mapping[str, str] = {
    "reward": "taken from a list, all days",
    "later": "after the first fifth",
    "last day": "on the last day",
    "new": "of it new items",
    "new shown": "places with new items",
    "coverage": "new items met",
}


def rows_of(found: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of the table."""
    head = ["", *COLUMNS.values()]
    rows = [
        [f"{arm}: {MEANING[arm]}", *(str(figures[name]) for name in COLUMNS)] for arm, figures in found["arms"].items()
    ]
    rows += [[name, *(f"{figures[one].mean:+.3f} ±{figures[one].half:.3f}" for one in COLUMNS)]
             for name, figures in found["more"].items()]  # fmt: skip
    return head, rows


def markdown(found: Mapping[str, Any]) -> str:
    """Return the table in Markdown."""
    head, rows = rows_of(found)
    lines = [_line(head), "|---" * len(head) + "|", *(_line(row) for row in rows)]
    return "\n".join(lines)


def plain(found: Mapping[str, Any]) -> str:
    """Return the table for a terminal."""
    head, rows = rows_of(found)
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    )


def as_json(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures as plain JSON: mean and half width of each."""
    return {
        "seeds": found["seeds"],
        **{
            part: {
                name: {one: [value.mean, value.half] for one, value in figures.items()}
                for name, figures in found[part].items()
            }
            for part in ("arms", "more")
        },
    }


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
