"""What taking things away costs, as bars with intervals: one picture for each task, a panel for each mode."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shortlist_training.benchmark.report.plots import DOTS

COLOURS = {
    "chance": "tab:gray", "features": "tab:blue", "source": "tab:orange", "loss": "tab:green", "alone": "tab:red",
}  # fmt: skip
LEGEND = {
    "chance": "nothing taken away", "features": "without features", "source": "without a source",
    "loss": "without a term of the loss", "alone": "candidates of one source alone",
}  # fmt: skip
WIDTH, ROW = 6.4, 0.24


def write_bars(document: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """Write a picture for each task, and return them by task."""
    written = {}
    for task in document["tasks"]:
        folder.mkdir(parents=True, exist_ok=True)
        written[task["task"]] = folder / f"ablations-{task['task']}.png"
        _draw(task, written[task["task"]])
    return written


def _draw(task: Mapping[str, Any], file: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    modes = task["modes"]
    height = 1.4 + ROW * max(len(mode["taken"]) + len(mode["alone"]) for mode in modes)
    drawing = Figure(figsize=(WIDTH * len(modes), height), layout="constrained")
    FigureCanvasAgg(drawing)
    for axis, mode in zip(drawing.subplots(1, len(modes), squeeze=False)[0], modes, strict=True):
        # Bars are drawn from below: what costs most comes last, and stands on top of its part.
        _bars(axis, [*reversed(mode["alone"]), *reversed(mode["taken"])])
        axis.set(title=f"{task['task']}, {mode['mode']} items", xlabel=f"difference in nDCG@{task['k']}")
    # Without a date in it, the same figures make the same picture.
    drawing.savefig(file, dpi=DOTS, metadata={"Software": None})


def _bars(axis: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    for kind, colour in COLOURS.items():
        chosen = [(place, row) for place, row in enumerate(rows) if row["kind"] == kind]
        if not chosen:
            continue
        means = [row["difference"]["difference"] for _, row in chosen]
        below = [row["difference"]["difference"] - row["difference"]["low"] for _, row in chosen]
        above = [row["difference"]["high"] - row["difference"]["difference"] for _, row in chosen]
        # The mean of resamples may lie beside that of the sample, if by little.
        errors = [[max(value, 0.0) for value in side] for side in (below, above)]
        axis.barh([place for place, _ in chosen], means, xerr=errors, color=colour, capsize=2, label=LEGEND[kind])
    axis.set_yticks(range(len(rows)), [row["name"] for row in rows], fontsize="x-small")
    axis.axvline(0, color="black", linewidth=0.8)
    axis.legend(fontsize="x-small")
