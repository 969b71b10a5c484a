"""Calibrate the scorer's probabilities on the tuning window, and judge them on the last one.

The published scorer has learnt from every window, so nothing in the log could calibrate it: like the rest of the
published pair it takes over what the first one has shown, and what that is worth on a window nobody has seen is what
the judged window says. Its logits lie elsewhere than the first one's, though, which shows on the tuning window's pairs
without a look at what was taken: there they are matched. See docs/decisions/0015.
"""

from dataclasses import dataclass, replace
from typing import Any

from shortlist_bundle.calibration import UNCALIBRATED, Calibration
from shortlist_bundle.engine import Engine
from shortlist_bundle.state.clock import Clock
from shortlist_training.calibration.curves import fit_curve, fit_rest
from shortlist_training.calibration.errors import reliability
from shortlist_training.calibration.matching import carried, match
from shortlist_training.calibration.pairs import CUSTOMERS, WindowPairs, window_pairs
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.progress import Progress
from shortlist_training.split.window import Window

TUNING = "tuning"


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedCalibration:
    """The calibration, and what the judged window says of it.

    Attributes:
        calibration: the curves.
        figures: plain JSON.
        pairs: of the tuning window, on whose logits the curves were fitted.
    """

    calibration: Calibration
    figures: dict[str, Any]
    pairs: WindowPairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An engine with a window that it has not learnt from, and item counts up to there."""

    engine: Engine
    window: Window


def calibrate(
    dataset: Dataset, clock: Clock, *, tune: Part, judge: Part, seen_allowed: bool, seed: int, progress: Progress
) -> FittedCalibration:
    """Fit the curves on the tuning window and measure them on the judged one.

    Args:
        dataset: the log.
        clock: of the log.
        tune: what to fit on.
        judge: what to measure on.
        seen_allowed: what the bundle's policy says of seen items.
        seed: of the choice of customers and items.
        progress: where it is shown.
    """
    with progress.stage("calibration", 2 * CUSTOMERS) as bar:
        fitted_on, judged_on = (
            window_pairs(
                part.engine, dataset, part.window, clock, seen_allowed=seen_allowed, seed=seed, bar=bar,
            )
            for part in (tune, judge)
        )  # fmt: skip
    calibration = _fitted(fitted_on, dataset, tune.window)
    judged = _judged(calibration, judged_on)
    error = judged["proposed"]["after"]["error"] if judged["proposed"] else None
    calibration = replace(calibration, error=error)
    figures = {
        "window": calibration.window,
        "start": calibration.start,
        "end": calibration.end,
        **{
            name: {"method": curve.method, "pairs": len(pairs.taken), "taken": int(pairs.taken.sum())}
            for name, curve, pairs in (
                ("proposed", calibration.proposed, fitted_on.proposed),
                ("others", calibration.others, fitted_on.others),
            )
        },
        "judged": judged,
    }
    return FittedCalibration(calibration=calibration, figures=figures, pairs=fitted_on)


def carry_over(
    fitted: FittedCalibration,
    dataset: Dataset,
    clock: Clock,
    *,
    tune: Part,
    seen_allowed: bool,
    seed: int,
    progress: Progress,
) -> FittedCalibration:
    """Carry the curves over to another scorer.

    Args:
        fitted: by `calibrate`, with the same clock, mode and seed.
        dataset: the log.
        clock: of the log.
        tune: as in `calibrate`, but with the other scorer on the same retriever.
        seen_allowed: what the bundle's policy says of seen items.
        seed: of the choice of customers and items.
        progress: where it is shown.
    """
    with progress.stage("calibration, carried over", CUSTOMERS) as bar:
        pairs = window_pairs(
            tune.engine, dataset, tune.window, clock, seen_allowed=seen_allowed, seed=seed, bar=bar
        )  # fmt: skip
    proposed, others = match(fitted.pairs.proposed, pairs.proposed), match(fitted.pairs.others, pairs.others)
    calibration = fitted.calibration
    # Without pairs of its own the curve of the others is that of the shortlists.
    others = others if len(pairs.others.taken) else proposed
    return FittedCalibration(
        calibration=replace(
            calibration,
            proposed=carried(calibration.proposed, proposed),
            others=carried(calibration.others, others),
        ),
        figures={**fitted.figures, "carried_over": {"proposed": proposed.to_json(), "others": others.to_json()}},
        pairs=pairs,
    )


def _fitted(pairs: WindowPairs, dataset: Dataset, window: Window) -> Calibration:
    proposed = fit_curve(pairs.proposed)
    start, end = _span(dataset, window)
    return Calibration(
        proposed=proposed, others=fit_rest(pairs.others, proposed), window=TUNING, start=start, end=end, error=None
    )


def _span(dataset: Dataset, window: Window) -> tuple[float | None, float | None]:
    if not dataset.has_times or not len(window.rows):
        return None, None
    return float(window.as_of[window.rows].min()), float(window.asked(dataset.events, window.rows).times.max())


def _judged(calibration: Calibration, pairs: WindowPairs) -> dict[str, Any]:
    """Return the figures of both kinds of pairs without and with the curves; None where there are no pairs."""
    return {
        name: {
            "before": reliability(UNCALIBRATED(part.logits), part.taken).to_json(),
            "after": reliability(curve(part.logits), part.taken).to_json(),
        }
        if len(part.taken)
        else None
        for name, curve, part in (
            ("proposed", calibration.proposed, pairs.proposed),
            ("others", calibration.others, pairs.others),
        )
    }
