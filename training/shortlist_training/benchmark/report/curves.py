"""Cold-start curves: quality by how much of a stranger's history the request brings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

DOTS = 120
STYLES = {True: "-", False: "--"}
"""Of curves with features in the request, and without."""

Curves = Mapping[tuple[str, bool], list[tuple[int, float, float]]]


def write_curves(document: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """Write a picture for each task whose customers were measured, and return them by task."""
    written = {}
    for task in document["tasks"]:
        if task["customers"]:
            folder.mkdir(parents=True, exist_ok=True)
            written[task["task"]] = folder / f"cold-start-{task['task']}.png"
            _draw(task["task"], curves(task["customers"]), document["k"], written[task["task"]])
    return written


def curves(customers: Mapping[str, Any]) -> Curves:
    """Return (list, with features) -> (items of history, nDCG, its standard error), shortest first."""
    found: dict[tuple[str, bool], list[tuple[int, float, float]]] = {}
    for row in sorted(customers["rows"], key=lambda row: row["length"]):
        for method, figure in row["ndcg"].items():
            found.setdefault((method, row["features"]), []).append((row["length"], figure["mean"], figure["error"]))
    return found


def _draw(task: str, lines: Curves, k: int, file: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(6.0, 3.6), layout="constrained")
    FigureCanvasAgg(drawing)
    axis = drawing.subplots()
    colours = {method: f"C{n}" for n, method in enumerate(dict.fromkeys(method for method, _ in lines))}
    for (method, features), points in lines.items():
        # Without features there are no segments, and a line of zeros would say less than none.
        if any(mean for _, mean, _ in points):
            lengths, means, errors = zip(*points, strict=True)
            label = f"{method}, {'features' if features else 'no features'}"
            axis.errorbar(
                lengths, means, yerr=errors, marker=".", capsize=2, color=colours[method], label=label,
                linestyle=STYLES[features],
            )  # fmt: skip
    axis.set_xscale("symlog", linthresh=1)
    ticks = sorted({length for points in lines.values() for length, _, _ in points})
    axis.set_xticks(ticks, [str(tick) for tick in ticks])
    axis.set(title=f"{task}: customers nobody has seen", xlabel="items of history in the request", ylabel=f"nDCG@{k}")
    axis.legend(fontsize="x-small")
    # Without a date in it, the same figures make the same picture.
    drawing.savefig(file, dpi=DOTS, metadata={"Software": None})
