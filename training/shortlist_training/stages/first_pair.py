"""The first retriever and the first scorer: fitted before the window that is judged, tuned on the one before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from shortlist_bundle.engine import Retriever
from shortlist_bundle.state.clock import Clock
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.progress import Progress
from shortlist_training.reranking.lists import DepthsByMode, Lists
from shortlist_training.retrieval.fits import FitSettings
from shortlist_training.retrieval.retriever import with_counts
from shortlist_training.split.plan import SplitPlan
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.retrieval import RetrievalModels, first_retriever, fit_models
from shortlist_training.stages.scorer import FittedScorer, choose_depths, fit_scorer, window_lists


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPair:
    """A retriever and the scorer that learnt on its candidates; neither has seen the window that is judged.

    Attributes:
        models: of retrieval, as they were fitted; a refit trains them on in place.
        retriever: of those models, with its counting sources tuned.
        settings: of the counting sources whose fit has one, as tuned.
        depths: candidates that each source may propose.
        labels: the lists that the scorer has learnt from.
        tuning: the lists on which it stopped early.
        scorer: and how its fit went.
        list_seconds: what one of these lists took.
    """

    models: RetrievalModels
    retriever: Retriever
    settings: FitSettings
    depths: DepthsByMode
    labels: Sequence[Lists]
    tuning: Sequence[Lists]
    scorer: FittedScorer
    list_seconds: float


def fit_first_pair(
    dataset: Dataset, plan: SplitPlan, clock: Clock, config: RunConfig, progress: Progress, budget: TimeBudget
) -> FirstPair:
    """Fit the retriever before the scorer's windows and the scorer on them; tune both on the tuning window."""
    models = fit_models(dataset, plan, clock, config, progress, budget)
    with progress.stage("counting sources", 3) as bar:
        retriever, settings = first_retriever(dataset, config, models, plan, clock, bar, budget)
        depths = choose_depths(dataset, with_counts(retriever, dataset, plan.tune.starts), plan.tune, clock, config)
        bar.advance(1)
    start = budget.clock()
    labels, tuning = (
        window_lists(dataset, retriever, windows, clock, depths, config, progress, strangers=strangers)
        for windows, strangers in ((plan.scorers, config.scorer.strangers), ([plan.tune], 0.0))
    )
    made = sum(len(lists.items) for lists in (*labels, *tuning))
    list_seconds = (budget.clock() - start) / max(made, 1)
    return FirstPair(
        models=models,
        retriever=retriever,
        settings=settings,
        depths=depths,
        labels=labels,
        tuning=tuning,
        scorer=fit_scorer(dataset, labels, config, progress, budget, tune=tuning),
        list_seconds=list_seconds,
    )
