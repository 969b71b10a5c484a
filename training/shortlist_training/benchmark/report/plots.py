"""Learning curves: the tuning figure by round, and quality against the training's budget."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shortlist_training.benchmark.methods import OURS

FITS = {"two_tower": "two-tower", "scorer": "scorer"}
DOTS = 120


def write_plots(document: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """Write a picture for each task that has a bundle, and return them by task."""
    written = {}
    for task in document["tasks"]:
        curves = _curves(task)
        if any(curves.values()):
            folder.mkdir(parents=True, exist_ok=True)
            written[task["task"]] = folder / f"quality-{task['task']}.png"
            _draw(task, curves, written[task["task"]])
    return written


def _curves(task: Mapping[str, Any]) -> dict[str, list[tuple[str, list[float | None]]]]:
    """Return fit -> (bundle, tuning figure of each round), for the fits that were tuned."""
    found: dict[str, list[tuple[str, list[float | None]]]] = {fit: [] for fit in FITS}
    for one in task["bundles"]:
        for fit in FITS:
            tuning = one["metrics"].get("ranking", {}).get("fits", {}).get(fit, {}).get("tuning", [])
            if any(value is not None for value in tuning):
                found[fit].append((one["run"], tuning))
    return found


def _budgets(part: Mapping[str, Any]) -> list[tuple[float, float, float]]:
    """Return (minutes, nDCG, its error) of `shortlist` with each budget, ascending."""
    points = []
    for row in part["methods"]:
        _, _, minutes = row["method"].partition("@")
        if minutes and ":" not in minutes and row["method"].startswith(OURS):
            points.append((float(minutes), row["figures"]["ndcg"]["mean"], row["figures"]["ndcg"]["error"]))
    return sorted(points)


def _unlimited(part: Mapping[str, Any]) -> float | None:
    """Return the nDCG of `shortlist` without a budget, None where that was not run."""
    means = [row["figures"]["ndcg"]["mean"] for row in part["methods"] if row["method"] == OURS]
    return float(means[0]) if means else None


def _draw(task: Mapping[str, Any], curves: Mapping[str, list[tuple[str, list[float | None]]]], file: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    budgets = {part["part"]: points for part in task["parts"] if (points := _budgets(part))}
    unlimited = {part["part"]: _unlimited(part) for part in task["parts"]}
    panels = len(FITS) + bool(budgets)
    drawing = Figure(figsize=(4.2 * panels, 3.2), layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.subplots(1, panels)
    for axis, (fit, title) in zip(axes, FITS.items(), strict=False):
        for run, tuning in curves[fit]:
            axis.plot(range(1, len(tuning) + 1), tuning, marker=".", label=run)
        axis.set(title=f"{task['task']}: {title}", xlabel="round", ylabel="figure on the tuning window")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        if curves[fit]:
            axis.legend(fontsize="x-small")
    if budgets:
        axis = axes[-1]
        for part, points in budgets.items():
            minutes, means, errors = zip(*points, strict=True)
            drawn = axis.errorbar(minutes, means, yerr=errors, marker=".", capsize=2, label=part)
            if unlimited[part] is not None:
                axis.axhline(
                    unlimited[part], color=drawn.lines[0].get_color(), linestyle=":", label=f"{part}, without a budget"
                )
        axis.set(title="quality by budget", xlabel="minutes of training", ylabel=f"nDCG@{task['k']}")
        axis.legend(fontsize="x-small")
    # Without a date in it, the same figures make the same picture.
    drawing.savefig(file, dpi=DOTS, metadata={"Software": None})
