"""The curves of diversity as a table for people."""

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from shortlist_training.evaluation.diversity.curve import TOLERATED
from shortlist_training.evaluation.rendering import MODES

HEADINGS = (
    "setting", "nDCG", "change", "distance", "change", "coverage", "Gini", "novelty", "miscalibration", "serendipity",
)  # fmt: skip


def diversity_table(report: Mapping[str, Any]) -> Table:
    """Return one report, as its JSON: each setting beside the plain list, changes in per cent with paired errors."""
    table = Table(
        title=f"{MODES[report['mode']]}: {report['customers']:,} customers, lists of {report['k']}, "
        f"caps and calibration by {report['column']}",
        title_justify="left",
        caption=_caption(report["best"]),
        caption_justify="left",
        # Without borders a row fits into the 120 columns of a pipe.
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "setting" else "right")
    table.add_row(*_row(report["plain"], plain=True), style="bold", end_section=True)
    points = report["points"]
    for point, after in zip(points, [*points[1:], None], strict=True):
        table.add_row(*_row(point), end_section=after is not None and after["method"] != point["method"])
    return table


def _row(point: Mapping[str, Any], *, plain: bool = False) -> list[str]:
    figures = point["figures"]
    return [
        "by score" if plain else _name(point),
        f"{figures['ndcg']['mean']:.4f}",
        "" if plain else _change(point["ndcg_change"]),
        f"{figures['distance']['mean']:.3f}",
        "" if plain else _change(point["distance_change"]),
        f"{point['coverage']:.3f}",
        f"{point['gini']:.3f}",
        f"{figures['novelty']['mean']:.2f}",
        f"{figures['calibration error']['mean']:.3f}",
        f"{figures['serendipity']['mean']:.4f}",
    ]


def _caption(best: Mapping[str, Any] | None) -> str:
    if best is None:
        return f"no setting has more distance for at most {TOLERATED:.0%} of nDCG"
    changes = f"nDCG {_change(best['ndcg_change'])} %, distance {_change(best['distance_change'])} %"
    return f"most distance for at most {TOLERATED:.0%} of nDCG: {_name(best)}, {changes}"


def _name(point: Mapping[str, Any]) -> str:
    return f"at most {point['knob']:g}" if point["method"] == "cap" else f"{point['method']} {point['knob']:g}"


def _change(figure: Mapping[str, float]) -> str:
    return f"{100 * figure['mean']:+.1f} ±{100 * figure['error']:.1f}"
