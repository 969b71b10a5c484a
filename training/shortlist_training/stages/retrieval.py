"""Fit the retriever's models, tune its counting sources, and move it on when a window joins the log."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Retriever
from shortlist_bundle.item_side.content import ContentAxes
from shortlist_bundle.signals.pair import SignalSpec
from shortlist_bundle.sources.source import Source
from shortlist_bundle.state.clock import Clock
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.fitting.two_tower import TwoTowerFit
from shortlist_training.progress import Bar, Progress
from shortlist_training.retrieval.content import content_vectors, fit_content
from shortlist_training.retrieval.fits import FitSettings, fit_each, fit_one
from shortlist_training.retrieval.linear import PENALTIES
from shortlist_training.retrieval.retriever import build_retriever
from shortlist_training.retrieval.successors import SHAPES
from shortlist_training.retrieval.tuning import tuned
from shortlist_training.split.plan import SplitPlan
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.embedding import FittedEmbedding, fit_embedding
from shortlist_training.stages.tuning_window import TuningWindow
from shortlist_training.stages.two_tower import FittedTower, fit_tower

EMBEDDING_SHARE, COUNTING_SHARE = 0.4, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalModels:
    """The two trained models of retrieval, and the content space, which no refit changes.

    Attributes:
        tower: the two-tower.
        embedding: the embedding model.
        content: the axes by which items stand where their features say; None where they have none.
    """

    tower: FittedTower
    embedding: FittedEmbedding
    content: ContentAxes | None


def fit_models(
    dataset: Dataset, plan: SplitPlan, clock: Clock, config: RunConfig, progress: Progress, budget: TimeBudget
) -> RetrievalModels:
    """Fit the two-tower and the embedding model on everything before the scorer's window; stop early on tuning."""
    tuning = TuningWindow(dataset, plan.tune, clock)
    tower = fit_tower(dataset, plan, tuning, config, progress, budget)
    embedding = fit_embedding(dataset, plan, clock, config, progress, budget, until=EMBEDDING_SHARE)
    return RetrievalModels(tower=tower, embedding=embedding, content=fit_content(dataset, seed=config.seed))


def refit_models(
    models: RetrievalModels,
    dataset: Dataset,
    limits: NDArray[np.int64],
    config: RunConfig,
    progress: Progress,
    budget: TimeBudget,
    *,
    until: float,
) -> None:
    """Train on from the weights there are, up to new limits: the space keeps its axes, so the scorer still fits.

    Args:
        models: are trained in place.
        dataset: the log.
        limits: int64 [M + 1], events of each customer that may be seen now.
        config: of the run.
        progress: where it is shown.
        budget: of the run.
        until: share of the budget after which no further round is begun.
    """
    seconds = models.tower.record.rounds[-1].seconds
    tower = TwoTowerFit(models.tower.model, dataset, config.two_tower, limits=limits, seed=config.seed + 1)
    tower.run(
        progress, name="two-tower, refit", learning_rate=config.two_tower.refit_learning_rate,
        rounds=budget.rounds(min(config.two_tower.refit_rounds, models.tower.record.best), seconds, until=until),
        deadline=budget.until(until),
    )  # fmt: skip
    models.embedding.refit(limits, progress)


def first_retriever(
    dataset: Dataset,
    config: RunConfig,
    models: RetrievalModels,
    plan: SplitPlan,
    clock: Clock,
    bar: Bar,
    budget: TimeBudget,
) -> tuple[Retriever, FitSettings]:
    """Return the retriever of the first fit with its counting sources tuned, and what they are to be fitted with.

    Where time is short they are fitted with their usual settings alone, and tuned as long as there is time.
    """
    several = not budget.over(EMBEDDING_SHARE)
    fits = fit_each(dataset, plan.given, config) if several else _usual(dataset, plan.given, config)
    bar.advance(1)
    retriever = _assembled(dataset, config, models, plan.given, {name: each[0] for name, each in fits.items()})
    retriever, chosen = tuned(
        retriever, dataset, plan.tune, clock, seed=config.seed, fits=fits, hurried=lambda: budget.over(COUNTING_SHARE)
    )
    bar.advance(1)
    return retriever, FitSettings(shape=SHAPES[chosen.get("sequence", 0)], penalty=PENALTIES[chosen.get("linear", 0)])


def _usual(dataset: Dataset, limits: NDArray[np.int64], config: RunConfig) -> dict[str, tuple[Source, ...]]:
    return {name: (source,) for name, source in fit_one(dataset, limits, config, FitSettings()).items()}


def assemble(
    dataset: Dataset,
    config: RunConfig,
    models: RetrievalModels,
    limits: NDArray[np.int64],
    settings: FitSettings,
    *,
    spec: SignalSpec | None = None,
) -> Retriever:
    """Return the retriever of the models as they are now, with counts up to the limits.

    Args:
        dataset: the log.
        config: of the run.
        models: fitted up to the limits.
        limits: int64 [M + 1], events of each customer that may be seen.
        settings: of the sources whose fit has one.
        spec: how the signals are computed; None to choose it for this log.
    """
    return _assembled(dataset, config, models, limits, fit_one(dataset, limits, config, settings), spec)


def _assembled(
    dataset: Dataset,
    config: RunConfig,
    models: RetrievalModels,
    limits: NDArray[np.int64],
    fits: Mapping[str, Source],
    spec: SignalSpec | None = None,
) -> Retriever:
    return build_retriever(
        dataset, config, limits=limits, tower=models.tower.model, embedding=models.embedding.export(), fits=fits,
        content=None if models.content is None else content_vectors(dataset, models.content), spec=spec,
    )  # fmt: skip
