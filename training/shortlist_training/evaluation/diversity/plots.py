"""The curves of diversity as a picture: every measure over the strength, and what distance costs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shortlist_training.errors import OutputError
from shortlist_training.evaluation.rendering import MODES

MEASURES = {
    "ndcg": "nDCG",
    "distance": "intra-list distance",
    "novelty": "novelty, bits",
    "calibration error": "calibration error, nats",
    "serendipity": "serendipity",
    "coverage": "coverage",
    "gini": "Gini",
}
COLOURS = {"mmr": "C0", "dpp": "C1", "calibration": "C2", "serendipity": "C3", "cap": "C4", "max_sum": "C5"}
"""A method looks the same in every panel, also in those that one of them is not in."""
DOTS = 120


def write_diversity_plots(reports: Sequence[Mapping[str, Any]], folder: Path) -> list[Path]:
    """Write a picture for each report, as its JSON, and return the files.

    Raises:
        OutputError: The folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = [folder / f"diversity-{report['mode']}.png" for report in reports]
        for report, file in zip(reports, files, strict=True):
            _draw(report, file)
    except OSError as problem:
        raise OutputError(f"the plots cannot be written: {problem}") from None
    return files


def _draw(report: Mapping[str, Any], file: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    curves: dict[str, list[Mapping[str, Any]]] = {}
    for point in report["points"]:
        curves.setdefault(point["method"], []).append(point)
    drawing = Figure(figsize=(16, 7), layout="constrained")
    FigureCanvasAgg(drawing)
    drawing.suptitle(f"{MODES[report['mode']]}, {report['customers']:,} customers, lists of {report['k']}")
    axes = list(drawing.subplots(2, 4).flat)
    _trade(axes[0], curves)
    for axis, (measure, title) in zip(axes[1:], MEASURES.items(), strict=True):
        for method, points in curves.items():
            if method != "cap":
                values = [_value(report["plain"], measure), *(_value(point, measure) for point in points)]
                axis.plot([0.0, *(point["knob"] for point in points)], values, marker=".", color=COLOURS[method])
        axis.set(title=title, xlabel="strength")
    # Without a date in it, the same figures make the same picture.
    drawing.savefig(file, dpi=DOTS, metadata={"Software": None})


def _trade(axis: Any, curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    for method, points in curves.items():
        gains = [0.0, *(100 * point["distance_change"]["mean"] for point in points)]
        losses = [0.0, *(100 * point["ndcg_change"]["mean"] for point in points)]
        axis.plot(gains, losses, marker=".", label=method, color=COLOURS[method])
    axis.axhline(-1.0, color="grey", linewidth=0.8, linestyle="--")
    axis.axvline(10.0, color="grey", linewidth=0.8, linestyle="--")
    axis.set(title="what distance costs", xlabel="change of distance, %", ylabel="change of nDCG, %")
    axis.legend(fontsize="x-small")


def _value(point: Mapping[str, Any], measure: str) -> float:
    return float(point[measure] if measure in point else point["figures"][measure]["mean"])
