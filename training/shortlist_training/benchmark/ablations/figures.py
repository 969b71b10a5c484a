"""Every judged customer's figures, of one scorer's lists."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_bundle.merge import Candidates
from shortlist_training.benchmark.ablations.material import Material
from shortlist_training.benchmark.ablations.variants import Variant
from shortlist_training.config.run import RunConfig
from shortlist_training.evaluation.engine_lists import fusion_order
from shortlist_training.evaluation.funnel import recall_of
from shortlist_training.evaluation.metrics import ranking_metrics
from shortlist_training.models.scorer import Scorer
from shortlist_training.progress import Progress
from shortlist_training.reranking.fit import ScorerFit
from shortlist_training.reranking.lists import Lists
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.scorer import fit_scorer

Order = Callable[[Lists], NDArray[np.int32]]
"""Lists to their best candidates, best first."""


def whose(lists: Lists, material: Material) -> pl.DataFrame:
    """Return mode and customer_id of every list, the customer's events before the window, and targets in it."""
    rows = lists.targets.rows
    return pl.DataFrame(
        {
            "mode": ["all" if lists.seen_allowed else "new"] * len(rows),
            "customer_id": material.dataset.customers.ids(rows),
            "events": material.plan.judge.starts[rows],
            "targets": lists.targets.sizes,
        }
    )


def full_figures(material: Material) -> pl.DataFrame:
    """Return the figures of the scorer that has everything, one row for each list.

    Returns:
        Columns of `whose`, `ndcg` at k, and `tail`: the recall at k of the targets that are seldom taken, null for who
        has none of these.
    """
    return _figures(material, _order(material.scorer, material.config, material.k), material.judged)


def variant_figures(variant: Variant, material: Material, progress: Progress) -> pl.DataFrame:
    """Fit the scorer of a variant and return its figures like `full_figures`.

    Lists in which nothing was taken teach no scorer; rank fusion orders them, as it does in a training.
    """
    labels, tuning, judged = ([variant.lists(part) for part in each] for each in _lists(variant, material, progress))
    labels = [part for part in labels if part.labels.any()]
    config = variant.config(material.config)
    fitted = fit_scorer(
        variant.dataset(material.dataset), labels, config, progress, TimeBudget(None), tune=tuning, name=variant.key
    )
    return _figures(material, _order(fitted.scorer, config, material.k), judged)


def _order(scorer: Scorer | None, config: RunConfig, k: int) -> Order:
    if scorer is None:
        return lambda lists: fusion_order(Candidates(items=lists.items, ranks=lists.ranks))[:, :k]
    fit = ScorerFit(scorer, config.scorer, seed=config.seed)
    return lambda lists: fit.best(lists, k)


def _lists(variant: Variant, material: Material, progress: Progress) -> tuple[Sequence[Lists], ...]:
    if variant.only is None:
        return material.pair.labels, material.pair.tuning, material.judged
    plan = material.plan
    windows = (plan.scorers, (plan.tune,), (plan.judge,))
    return tuple(material.lists_of(variant.only, each, progress) for each in windows)


def _figures(material: Material, order: Order, judged: Sequence[Lists]) -> pl.DataFrame:
    by_mode = {lists.seen_allowed: lists for lists in judged}
    frames = []
    for asked in material.judged:
        # Where a source proposes nothing that is right to anybody, its lists are not even made.
        nothing = np.zeros((len(asked.items), 1), np.int32)
        lists = by_mode.get(asked.seen_allowed)
        best = nothing if lists is None else order(lists)
        ndcg = ranking_metrics(best, asked.targets, (material.k,))[f"ndcg@{material.k}"]
        tail = pl.Series("tail", recall_of(material.tail, asked.targets, best)).fill_nan(None)
        frames.append(whose(asked, material).with_columns(pl.Series("ndcg", ndcg), tail))
    return pl.concat(frames)
