"""The probabilities of a bundle, carried over to the scorer that went on from its own."""

from typing import Any

import numpy as np

from shortlist_bundle.calibration import UNCALIBRATED, Calibration
from shortlist_bundle.engine import Retriever
from shortlist_training.calibration.pairs import CUSTOMERS, Judged, WindowPairs, window_pairs
from shortlist_training.stages.calibration import FittedCalibration, Part, calibrate, carry_over
from shortlist_training.stages.ground import Ground
from shortlist_training.stages.scorer import FittedScorer

_NONE = Judged(logits=np.zeros(0, np.float32), taken=np.zeros(0, np.bool_))
NO_PAIRS = WindowPairs(proposed=_NONE, others=_NONE)
NOT_FITTED = Calibration(
    proposed=UNCALIBRATED, others=UNCALIBRATED, window="tuning", start=None, end=None, error=None
)  # fmt: skip


def carried_calibration(
    ground: Ground, retriever: Retriever, known: FittedScorer, published: FittedScorer, *, seen_allowed: bool
) -> FittedCalibration:
    """Return the bundle's curves for the published scorer; those of a bundle without any are fitted.

    A curve says how often something is taken within a window of the first training's length, so it is not fitted anew
    on windows of another: the new logits are put where the bundle's were, as after any refit (decision 0015).

    Args:
        ground: log and bundle.
        retriever: has not seen any of the windows.
        known: the bundle's scorer.
        published: the one that the curves are for.
        seen_allowed: what the bundle's policy says of seen items.
    """
    dataset, clock, seed = ground.dataset, ground.clock, ground.config.seed
    model = ground.news.origin.model
    figures: Any = model.figures.get("calibration", {})
    if not ground.windows:
        return FittedCalibration(calibration=model.calibration or NOT_FITTED, figures=dict(figures), pairs=NO_PAIRS)
    tune, judge = ((ground.windows[-2:-1] or ground.windows)[0], ground.windows[-1])
    parts = [Part(engine=ground.engine(retriever, known, window), window=window) for window in (tune, judge)]
    if model.calibration is None:
        fitted = calibrate(
            dataset, clock, tune=parts[0], judge=parts[1], seen_allowed=seen_allowed, seed=seed,
            progress=ground.progress,
        )  # fmt: skip
    else:
        with ground.progress.stage("calibration", CUSTOMERS) as bar:
            pairs = window_pairs(
                parts[0].engine, dataset, tune, clock, seen_allowed=seen_allowed, seed=seed, bar=bar
            )  # fmt: skip
        fitted = FittedCalibration(calibration=model.calibration, figures=dict(figures), pairs=pairs)
    part = Part(engine=ground.engine(retriever, published, tune), window=tune)
    return carry_over(fitted, dataset, clock, tune=part, seen_allowed=seen_allowed, seed=seed, progress=ground.progress)
