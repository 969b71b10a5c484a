"""Learn what variety may cost: the scale by which strength 0.5 of `max_sum` costs 1 % of nDCG in every log.

On the window that the probabilities are calibrated on, by the pair that they are calibrated for: the published pair
takes the scale over with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from shortlist_bundle.calibration import Calibration, Curve, Isotonic
from shortlist_bundle.catalogue import Catalogue
from shortlist_bundle.diversity.diversifier import MAX_SUM, Diversifier
from shortlist_bundle.diversity.grouping import grouping_columns
from shortlist_bundle.diversity.settings import Diversity
from shortlist_bundle.diversity.trade import LENGTH, Trade
from shortlist_bundle.engine import Ranked
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.state.histories import Histories
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.diversity.lists import scored_pools
from shortlist_training.evaluation.diversity.scale import Shown, learnt_scale
from shortlist_training.evaluation.targets import Targets, window_targets
from shortlist_training.progress import Progress
from shortlist_training.reranking.lists import modes
from shortlist_training.stages.calibration import Part

CUSTOMERS = 500
"""Of each mode: with the probabilities beside them, twice as many say little more and take twice as long."""
FEWEST = 50
"""Customers without whom not even the probabilities of their lists say what a list costs."""
HALF = Diversity(method=MAX_SUM, strength=0.5)
"""The strength at which scale and weight are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedScales:
    """The scales, and what they cost, as plain JSON.

    Attributes:
        scales: whether seen items may be in the list -> the scale; a mode in which it could not be told is not there.
        figures: mode -> customers, scale, and the loss as observed (with its error) and as expected.
    """

    scales: Mapping[bool, float]
    figures: dict[str, Any]


def fit_scales(
    dataset: Dataset,
    catalogue: Catalogue,
    clock: Clock,
    *,
    tune: Part,
    calibration: Calibration,
    seed: int,
    progress: Progress,
) -> FittedScales:
    """Learn the scale of every mode that the log knows; none without categories or without calibrated probabilities.

    Args:
        dataset: the log.
        catalogue: of its items.
        clock: of the log.
        tune: what to learn from: an engine and a window that it has not learnt from.
        calibration: of that engine's logits.
        seed: of the choice of customers where there are more than 500.
        progress: where it is shown.
    """
    scales: dict[bool, float] = {}
    figures: dict[str, Any] = {}
    # Vectors, which stand in for categories, are other ones after the refit, and so would be their distances.
    if not grouping_columns(catalogue) or not _tells(calibration.proposed):
        return FittedScales(scales=scales, figures=figures)
    diversifier = Diversifier(catalogue)
    with progress.stage("what variety costs", CUSTOMERS * len(modes(dataset.repeats))) as bar:
        for seen_allowed in modes(dataset.repeats):
            targets = window_targets(dataset.events, tune.window, width=dataset.item_rows, only_new=not seen_allowed)
            targets = targets.sample(CUSTOMERS, seed)
            if len(targets.rows) < FEWEST:
                continue
            pools = []
            for _, batch, pool in scored_pools(
                tune.engine, dataset, tune.window, clock, targets, seen_allowed=seen_allowed, k=LENGTH
            ):  # fmt: skip
                pools.append((pool, batch.history))
                bar.advance(len(batch))
            lists = PoolLists(diversifier, calibration.proposed, pools)
            found = lists.learnt(targets)
            if found:
                scales[seen_allowed], figures["all" if seen_allowed else "new"] = found
    return FittedScales(scales=scales, figures=figures)


class PoolLists:
    """The lists of scored candidates at any scale.

    Args:
        diversifier: of the catalogue.
        curve: logits to probabilities.
        pools: candidates of some customers, best first, and the customers' histories.
    """

    def __init__(self, diversifier: Diversifier, curve: Curve, pools: list[tuple[Ranked, Histories]]) -> None:
        self._diversifier, self._curve, self._pools = diversifier, curve, pools

    def learnt(self, targets: Targets) -> tuple[float, dict[str, Any]] | None:
        """Return the scale and its figures; None where it cannot be told."""
        plain = self._shown(
            [Ranked.at(pool, np.tile(np.arange(LENGTH), (len(pool.items), 1))) for pool, _ in self._pools]
        )
        found = learnt_scale(self._at, plain, targets)
        if found is None:
            return None
        scale, loss = found
        observed = {"mean": loss.observed.mean, "error": loss.observed.error}
        return scale, {
            "customers": len(targets.rows), "scale": scale, "observed loss": observed, "expected loss": loss.expected,
        }  # fmt: skip

    def _at(self, scale: float) -> Shown:
        trade = Trade(chances=self._curve, scale=scale)
        return self._shown([self._diversifier(pool, own, HALF, LENGTH, trade=trade) for pool, own in self._pools])

    def _shown(self, lists: list[Ranked]) -> Shown:
        items, scores = (np.concatenate([getattr(one, name) for one in lists]) for name in ("items", "scores"))
        return Shown(items=items, chances=np.where(items > 0, self._curve(scores), 0.0))


def _tells(curve: Curve) -> bool:
    """Return whether a curve was fitted, and tells one item's chance from another's."""
    return isinstance(curve, Isotonic) or (curve.method == "platt" and curve.slope > 0)
