"""The reliability diagram: what was said against what happened (DeGroot and Fienberg 1983)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = "reliability.png"
DOTS = 120
TITLES = {"proposed": "items of the shortlist", "others": "items outside of it"}
SMALLEST = 1e-5
"""Both axes count in powers of ten, down to here; smaller shares stand at the edge."""


def write_reliability(metrics: Mapping[str, Any], folder: Path) -> Path | None:
    """Write `reliability.png` from a bundle's metrics and return where; None where they hold no calibration.

    Each dot is a bin of equally many pairs of the judged window; on the diagonal what was said is what happened.
    """
    judged = metrics.get("calibration", {}).get("judged", {})
    panels = {name: judged[name] for name in TITLES if judged.get(name)}
    if not panels:
        return None
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    drawing = Figure(figsize=(4.2 * len(panels), 4.2), layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.subplots(1, len(panels), squeeze=False)[0]
    for axis, (name, found) in zip(axes, panels.items(), strict=True):
        _draw(axis, TITLES[name], found)
    # Without a date in it, the same figures make the same picture.
    drawing.savefig(folder / FILE, dpi=DOTS, metadata={"Software": None})
    return folder / FILE


def _draw(axis: Any, title: str, found: Mapping[str, Any]) -> None:
    for name, marker in (("before", "x"), ("after", "o")):
        one = found[name]
        said, happened = ([max(value, SMALLEST) for value in one[key]] for key in ("said", "happened"))
        axis.plot(said, happened, marker, label=f"{name}: error {one['error']:.4f}, Brier {one['brier']:.4f}")
    axis.plot([SMALLEST, 1], [SMALLEST, 1], color="grey", linewidth=0.8)
    axis.set(title=title, xlabel="probability said", ylabel="share taken", xscale="log", yscale="log")
    axis.legend(fontsize="x-small")
