"""Retriever and scorer together: fitted, judged, and fitted again up to the end of the log.

Which windows each fit has seen (w is the window's length, T the end of the log):

    first retriever     everything before T - 3w    stops early on [T - 2w, T - w)
    first scorer        labels [T - 3w, T - 2w)     stops early on [T - 2w, T - w)
    refitted retriever  the first, trained on, up to T - w
    judged on           [T - w, T): the first pair, and the refitted pair (the first scorer on the refitted retriever)
    published scorer    labels of all three windows, the newest on the refitted retriever's candidates, the others on
                        the first's: neither has seen what is asked of it, and the newest lists are as fresh as served
    published retriever the refitted one, trained on, up to T

Where each customer's last events are cut off, w is one event, and the first scorer has several windows to learn from.
The published pair is made like the refitted pair, one window later; what it is worth is what the refitted pair showed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shortlist_bundle.catalogue import Catalogue
from shortlist_bundle.engine import Engine, Retriever
from shortlist_bundle.item_side.encoding import ItemSide
from shortlist_bundle.state.clock import Clock
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.funnel import JUDGED_CUSTOMERS, Funnel, funnels
from shortlist_training.fitting.rounds import FitRecord
from shortlist_training.progress import Progress
from shortlist_training.reranking.lists import DepthsByMode, Lists, modes
from shortlist_training.retrieval.fits import FitSettings
from shortlist_training.retrieval.retriever import with_counts
from shortlist_training.retrieval.tuning import retuned
from shortlist_training.split.plan import SplitPlan
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.calibration import FittedCalibration, Part, calibrate, carry_over
from shortlist_training.stages.diversity import FittedScales, fit_scales
from shortlist_training.stages.first_pair import FirstPair, fit_first_pair
from shortlist_training.stages.retrieval import RetrievalModels, assemble, refit_models
from shortlist_training.stages.scorer import FittedScorer, engine_of, fit_scorer, window_lists

REFIT_SHARE, SCORER_REFIT_SHARE, PUBLISH_SHARE = 0.75, 0.9, 0.95
JUDGED_UNTIL = {"first pair": 0.7, "refitted pair": 0.82}
"""Shares of the budget by when a pair is judged; where time is short, by fewer customers."""
FEWEST_JUDGED, JUDGING_COST = 500, 2.0
"""Customers in any case, and how many times as much judging one takes as making a list to learn from."""
FEWER_PASSES = 0.37
"""Three times the lists are gone through two thirds as often, which makes twice the steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedRanking:
    """What is published, and what was measured on the way.

    Attributes:
        engine: fitted up to the end of the log.
        figures: plain JSON: the fits, the depths, and the funnels of the judged pairs.
        calibration: of the scorer's probabilities.
        scales: what variety may cost.
        item_side: what encodes an item that training has not seen, of the models that are published.
    """

    engine: Engine
    figures: dict[str, Any]
    calibration: FittedCalibration
    scales: FittedScales
    item_side: ItemSide


def fit_ranking(
    dataset: Dataset,
    catalogue: Catalogue,
    plan: SplitPlan,
    clock: Clock,
    config: RunConfig,
    progress: Progress,
    budget: TimeBudget,
    *,
    seen_allowed: bool,
) -> FittedRanking:
    """Fit, judge and refit retriever and scorer; `seen_allowed` is what the bundle's policy will say of seen items."""
    pair = fit_first_pair(dataset, plan, clock, config, progress, budget)
    models, first, scorer, depths = pair.models, pair.retriever, pair.scorer, pair.depths
    judged = {"first pair": _judge(first, pair, dataset, plan, clock, config, progress, budget, "first pair")}
    refit_models(models, dataset, plan.judge.starts, config, progress, budget, until=REFIT_SHARE)
    refitted = retuned(assemble(dataset, config, models, plan.judge.starts, pair.settings), first)
    judged["refitted pair"] = _judge(refitted, pair, dataset, plan, clock, config, progress, budget, "refitted pair")
    tune, judge = (
        Part(engine=engine_of(dataset, with_counts(own, dataset, window.starts), scorer, depths), window=window)
        for own, window in ((first, plan.tune), (refitted, plan.judge))
    )
    calibration = calibrate(
        dataset, clock, tune=tune, judge=judge, seen_allowed=seen_allowed, seed=config.seed, progress=progress
    )
    scales = fit_scales(
        dataset, catalogue, clock, tune=tune, calibration=calibration.calibration, seed=config.seed, progress=progress
    )
    latest = window_lists(
        dataset, refitted, [plan.judge], clock, depths, config, progress, strangers=config.scorer.strangers
    )
    # More windows hold more lists: fewer passes over them are as many steps and more.
    lists = [*pair.labels, *pair.tuning, *latest]
    more = max(_count(lists) / max(_count(pair.labels), 1), 1.0)
    rounds = _rounds_to_publish(scorer.record, more, budget)
    published_scorer = fit_scorer(dataset, lists, config, progress, budget, rounds=rounds, name="scorer, refit")
    counted = with_counts(first, dataset, plan.tune.starts)
    calibration = carry_over(
        calibration, dataset, clock,
        tune=Part(engine=engine_of(dataset, counted, published_scorer, depths), window=plan.tune),
        seen_allowed=seen_allowed, seed=config.seed, progress=progress,
    )  # fmt: skip
    refit_models(models, dataset, dataset.events.lengths, config, progress, budget, until=PUBLISH_SHARE)
    published = retuned(assemble(dataset, config, models, dataset.events.lengths, pair.settings), first)
    figures = ranking_figures(models, pair.settings, scorer, depths, judged)
    return FittedRanking(
        engine=engine_of(dataset, published, published_scorer, depths),
        figures=figures,
        calibration=calibration,
        scales=scales,
        item_side=ItemSide(
            tower=models.tower.model.export_items(),
            scorer=published_scorer.scorer.export_items() if published_scorer.scorer else None,
            content=models.content,
        ),
    )


def _rounds_to_publish(first: FitRecord, more: float, budget: TimeBudget) -> int:
    """Return the rounds of the published scorer, which learns from `more` times as many lists as the first.

    At least one, also where there is no time for it: it is what will serve.
    """
    wanted = max(2, round(first.best * more**-FEWER_PASSES))
    longest = max((one.seconds for one in first.rounds), default=0.0)
    return budget.count(wanted, longest * more, until=SCORER_REFIT_SHARE, fewest=1)


def _count(lists: Sequence[Lists]) -> int:
    return sum(len(part.items) for part in lists)


def _judge(
    retriever: Retriever,
    pair: FirstPair,
    dataset: Dataset,
    plan: SplitPlan,
    clock: Clock,
    config: RunConfig,
    progress: Progress,
    budget: TimeBudget,
    name: str,
) -> list[Funnel]:
    engine = engine_of(dataset, with_counts(retriever, dataset, plan.judge.starts), pair.scorer, pair.depths)
    each = JUDGING_COST * pair.list_seconds * len(modes(dataset.repeats))
    customers = budget.count(JUDGED_CUSTOMERS, each, until=JUDGED_UNTIL[name], fewest=FEWEST_JUDGED)
    return funnels(engine, dataset, plan.judge, clock, progress, seed=config.seed, name=name, customers=customers)


def ranking_figures(
    models: RetrievalModels,
    settings: FitSettings,
    scorer: FittedScorer,
    depths: DepthsByMode,
    judged: Mapping[str, list[Funnel]],
) -> dict[str, Any]:
    """Return what was fitted and chosen, and the funnels of the judged pairs, as plain JSON."""
    return {
        "fits": {
            "two_tower": models.tower.to_json(),
            "embedding": models.embedding.figures(),
            **settings.to_json(),
            "scorer": scorer.record.to_json(),
        },
        "depths": {"all": dict(depths[True]), "new": dict(depths[False])},
        "judged": {name: [funnel.to_json() for funnel in found] for name, found in judged.items()},
    }
