"""The days as pictures: cumulative reward beside the frozen bundle's, and who has met the new items."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shortlist_bench.learning.arms import MEANING
from shortlist_bench.learning.results import Runs
from shortlist_bench.learning.shop import Day
from shortlist_bench.learning.summary import common_seeds, coverage, first_day, mean_of

DOTS = 120
FILES = ("learning-reward.png", "learning-coverage.png")


def write_plots(runs: Runs, arms: Sequence[str], folder: Path) -> list[Path]:
    """Write both pictures and return where; shaded are 95 % intervals over the seeds."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds = common_seeds(runs, arms)
    frozen = {seed: _cumulative(runs[seed, arms[0]]) for seed in seeds}
    reward = {arm: [_cumulative(runs[seed, arm]) - frozen[seed] for seed in seeds] for arm in arms}
    met = {arm: [np.array([coverage(day) for day in runs[seed, arm]]) for seed in seeds] for arm in arms}
    titles = (f"takings more than {arms[0]}, cumulative", "share of the new items that customers have met")
    written = []
    for file, title, lines in zip(FILES, titles, (reward, met), strict=True):
        _draw(folder / file, title, lines)
        written.append(folder / file)
    return written


def _cumulative(days: Sequence[Day]) -> Any:
    return np.cumsum([day.reward for day in days])


def _draw(file: Path, title: str, lines: dict[str, list[Any]]) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    drawing = Figure(figsize=(6.4, 3.8), layout="constrained")
    FigureCanvasAgg(drawing)
    axis = drawing.subplots()
    for arm, seeds in lines.items():
        table = np.array(seeds, np.float64)
        days = np.arange(1, table.shape[1] + 1)
        middle = _by_day(table, lambda column: mean_of(column).mean)
        half = _by_day(table, lambda column: mean_of(column).half)
        (line,) = axis.plot(days, middle, marker="o", markersize=3, label=f"{arm}: {MEANING[arm]}")
        if len(table) > 1:
            axis.fill_between(days, middle - half, middle + half, color=line.get_color(), alpha=0.15, linewidth=0)
    axis.axvline(first_day(table.shape[1]) + 0.5, color="grey", linewidth=0.8, linestyle=":")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set(xlabel="day", title=title)
    axis.legend(fontsize="small")
    # Without a date in it, the same figures make the same picture.
    drawing.savefig(file, dpi=DOTS, metadata={"Software": None})


def _by_day(table: Any, of: Callable[[Any], float]) -> Any:
    return np.array([of(column) for column in table.T])
