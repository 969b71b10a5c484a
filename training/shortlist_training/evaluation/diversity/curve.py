"""Quality and variety over the strength of each method, each point compared with the plain list by customer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.diversity.settings import Diversity
from shortlist_bundle.state.histories import Histories
from shortlist_training.evaluation.diversity.measures import Yardstick, coverage, gini, list_measures
from shortlist_training.evaluation.metrics import Figure, ranking_metrics
from shortlist_training.evaluation.targets import Targets

K = 20
STRENGTHS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.0)
CAPS = (10, 5, 3, 2, 1)
PLAIN = "plain"
TOLERATED = 0.01
"""The share of nDCG that a default may cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One setting.

    Attributes:
        method: "mmr", "dpp", "max_sum", "calibration", "serendipity" or "cap".
        knob: its strength, or the cap.
        figures: measure -> mean over customers with its standard error.
        coverage, gini: of all lists together.
        ndcg_change: nDCG relative to the plain list, less one; its error is paired.
        distance_change: intra-list distance likewise.
    """

    method: str
    knob: float
    figures: Mapping[str, Figure]
    coverage: float
    gini: float
    ndcg_change: Figure
    distance_change: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class DiversityReport:
    """The curves of one mode on one window.

    Attributes:
        mode: "all" (seen items allowed) or "new" (only items new to the customer).
        customers: judged customers.
        k: length of the lists.
        column: whose mix calibration follows, and which the caps are on.
        plain: the list by score alone.
        points: all settings.
        best: the setting with the most distance among those that cost at most 1 % of nDCG, if any gains.
    """

    mode: str
    customers: int
    k: int
    column: str
    plain: Point
    points: Sequence[Point]
    best: Point | None

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON; every figure is {mean, error}."""
        return asdict(self)


def settings_of(column: str) -> dict[tuple[str, float], Diversity]:
    """Return (method, knob) -> setting; the caps are on one column."""
    found: dict[tuple[str, float], Diversity] = {(PLAIN, 0.0): Diversity()}
    for strength in STRENGTHS:
        for method in ("mmr", "dpp", "max_sum", "calibration"):
            found[method, strength] = Diversity(method=method, strength=strength)
        found["serendipity", strength] = Diversity(serendipity=strength)
    return found | {("cap", float(most)): Diversity(caps=((column, most),)) for most in CAPS}


def diversity_report(
    lists: Mapping[tuple[str, float], NDArray[np.int32]],
    history: Histories,
    targets: Targets,
    yardstick: Yardstick,
    *,
    mode: str,
) -> DiversityReport:
    """Measure the lists of every setting.

    Args:
        lists: (method, knob) -> int32 [J, k]; the plain one among them.
        history: of the J customers, before the lists.
        targets: of the same customers.
        yardstick: of the catalogue.
        mode: for the report.
    """
    plain = _measured(lists[PLAIN, 0.0], history, targets, yardstick)
    points = {
        setting: _point(setting, items, _measured(items, history, targets, yardstick), plain, targets.width - 1)
        for setting, items in lists.items()
    }
    first = points.pop((PLAIN, 0.0))
    ordered = sorted(points.values(), key=lambda point: point.method)
    return DiversityReport(
        mode=mode,
        customers=len(targets.rows),
        k=lists[PLAIN, 0.0].shape[1],
        column=yardstick.column,
        plain=first,
        points=ordered,
        best=best_of(ordered),
    )


def best_of(points: Sequence[Point]) -> Point | None:
    """Return the point with the largest gain of distance among those that cost at most 1 % of nDCG."""
    fine = [one for one in points if one.ndcg_change.mean >= -TOLERATED and one.distance_change.mean > 0]
    return max(fine, key=lambda point: point.distance_change.mean, default=None)


def relative_change(values: NDArray[np.float64], base: NDArray[np.float64]) -> Figure:
    """Return mean(values) / mean(base) - 1 with the standard error of a ratio of paired means (the delta method)."""
    if not len(base) or not base.mean():
        return Figure(0.0, 0.0)
    ratio = float(values.mean() / base.mean())
    return Figure(ratio - 1.0, Figure.of(values - ratio * base).error / abs(float(base.mean())))


def _measured(
    items: NDArray[np.int32], history: Histories, targets: Targets, yardstick: Yardstick
) -> dict[str, NDArray[np.float64]]:
    k = items.shape[1]
    return {
        "ndcg": ranking_metrics(items, targets, (k,))[f"ndcg@{k}"],
        **list_measures(items, history, targets, yardstick),
    }


def _point(
    setting: tuple[str, float],
    items: NDArray[np.int32],
    measured: Mapping[str, NDArray[np.float64]],
    plain: Mapping[str, NDArray[np.float64]],
    count: int,
) -> Point:
    return Point(
        method=setting[0],
        knob=setting[1],
        figures={name: Figure.of(values[~np.isnan(values)]) for name, values in measured.items()},
        coverage=coverage(items, count),
        gini=gini(items, count),
        ndcg_change=relative_change(measured["ndcg"], plain["ndcg"]),
        distance_change=relative_change(measured["distance"], plain["distance"]),
    )
