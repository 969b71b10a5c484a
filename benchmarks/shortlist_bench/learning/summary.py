"""Days of several seeds -> what each arm came to, and by how much more than another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from shortlist_bench.learning.results import Runs
from shortlist_bench.learning.shop import Day

FIRST = 0.2
"""Share of the days at the beginning that is left out of `later`: who tries things out pays first."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over seeds with the half width of its 95 % interval by Student's t; infinite for a single seed."""

    mean: float
    half: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} ±{self.half:.3f}" if np.isfinite(self.half) else f"{self.mean:.3f}"


def mean_of(values: Sequence[float] | NDArray[np.float64]) -> Mean:
    """Return the mean of some seeds' figures."""
    found = np.asarray(values, np.float64)
    if len(found) < 2:
        return Mean(float(found.mean()), float("inf"))
    half = stats.t.ppf(0.975, len(found) - 1) * found.std(ddof=1) / np.sqrt(len(found))
    return Mean(float(found.mean()), float(half))


def first_day(days: int) -> int:
    """Return how many days make the first fifth of a run, at least one."""
    return max(int(np.ceil(FIRST * days)), 1)


def per_visit(days: Sequence[Day]) -> float:
    """Return the mean reward of a list."""
    return sum(day.reward for day in days) / max(sum(day.visits for day in days), 1)


def coverage(day: Day) -> float:
    """Return the share of the new items that enough customers had been shown by a day."""
    return day.met / max(day.there, 1)


def figures_of(days: Sequence[Day]) -> dict[str, float]:
    """Return the figures of one arm of one seed."""
    later = days[first_day(len(days)) :] or days
    shown, taken = sum(day.new_shown for day in later), sum(day.new_taken for day in later)
    return {
        "reward": per_visit(days),
        "later": per_visit(later),
        "last day": per_visit(days[-1:]),
        "new": taken / max(sum(day.visits for day in later), 1),
        "new shown": shown / max(sum(day.visits for day in later), 1),
        "coverage": coverage(days[-1]),
    }


def summary(runs: Runs, arms: Sequence[str]) -> dict[str, Any]:
    """Return, for each arm, the mean of each figure over the seeds that every arm has, and of the differences."""
    seeds = common_seeds(runs, arms)
    table = {arm: [figures_of(runs[seed, arm]) for seed in seeds] for arm in arms}
    names = list(table[arms[0]][0])
    return {
        "seeds": seeds,
        "arms": {arm: {name: mean_of([one[name] for one in rows]) for name in names} for arm, rows in table.items()},
        "more": {f"{arm} over {other}": _difference(table, arm, other, names) for arm, other in _pairs(arms)},
    }


def common_seeds(runs: Runs, arms: Sequence[str]) -> list[int]:
    """Return the seeds of which there are all arms."""
    return sorted(seed for seed in {seed for seed, _ in runs} if all((seed, arm) in runs for arm in arms))


def _pairs(arms: Sequence[str]) -> list[tuple[str, str]]:
    return [(arm, other) for place, arm in enumerate(arms) for other in arms[:place]]


def _difference(
    table: Mapping[str, Sequence[Mapping[str, float]]], arm: str, other: str, names: Sequence[str]
) -> dict[str, Mean]:
    """Return by how much more an arm comes to in the same world, seed by seed."""
    pairs = list(zip(table[arm], table[other], strict=True))
    return {name: mean_of([one[name] - two[name] for one, two in pairs]) for name in names}
