"""Fit the retriever's models, tune its counting sources, and move it on when a window joins the log."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Retriever
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.towers.layers import Float
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.metrics import ranking_metrics
from shortlist_training.evaluation.targets import Targets, window_targets
from shortlist_training.fitting.embedding import EmbeddingFit
from shortlist_training.fitting.rounds import FitRecord
from shortlist_training.fitting.two_tower import TwoTowerFit
from shortlist_training.models.embedding import EmbeddingModel
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.progress import Progress
from shortlist_training.reranking.lists import modes
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.retrieval.retriever import build_retriever
from shortlist_training.split.plan import SplitPlan
from shortlist_training.split.window import Window
from shortlist_training.stages.budget import TimeBudget

Encode = Callable[[CustomerBatch], Float]

TUNING_CUSTOMERS = 2000
TUNED_AT = 20
TOWER_SHARE, EMBEDDING_SHARE = 0.3, 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalModels:
    """The two trained models of retrieval, and how their fits went."""

    tower: TwoTower
    embedding: EmbeddingModel
    tower_record: FitRecord
    embedding_record: FitRecord


def fit_models(
    dataset: Dataset, plan: SplitPlan, clock: Clock, config: RunConfig, progress: Progress, budget: TimeBudget
) -> RetrievalModels:
    """Fit the two-tower and the embedding model on everything before the scorer's window; stop early on tuning."""
    limits = plan.given
    tuning = _TuningWindow(dataset, plan.tune, clock)
    tower = TwoTower(dataset, config.two_tower, seed=config.seed)
    tower_fit = TwoTowerFit(tower, dataset, config.two_tower, limits=limits, seed=config.seed)
    tower_record = tower_fit.run(
        progress, rounds=config.two_tower.rounds, name="two-tower", measure=lambda: tuning.of_tower(tower),
        deadline=budget.until(TOWER_SHARE),
    )  # fmt: skip
    embedding = EmbeddingModel(
        customer_rows=dataset.customer_rows, item_rows=dataset.item_rows,
        embedding_size=config.embedding.embedding_size, mean=0.0, spread=0.05, seed=config.seed,
    )  # fmt: skip
    fit = EmbeddingFit(embedding, dataset, config.embedding, limits=limits, seed=config.seed)
    embedding_record = fit.run(
        progress, rounds=config.embedding.rounds, name="embedding model",
        measure=lambda: tuning.of_embedding(embedding), deadline=budget.until(EMBEDDING_SHARE),
    )  # fmt: skip
    return RetrievalModels(
        tower=tower, embedding=embedding, tower_record=tower_record, embedding_record=embedding_record
    )


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
    seconds = models.tower_record.rounds[-1].seconds
    tower = TwoTowerFit(models.tower, dataset, config.two_tower, limits=limits, seed=config.seed + 1)
    tower.run(
        progress, name="two-tower, refit", learning_rate=config.two_tower.refit_learning_rate,
        rounds=budget.rounds(min(config.two_tower.refit_rounds, models.tower_record.best), seconds, until=until),
    )  # fmt: skip
    fit = EmbeddingFit(models.embedding, dataset, config.embedding, limits=limits, seed=config.seed + 1)
    fit.run(progress, rounds=1, name="embedding model, refit")


def assemble(dataset: Dataset, config: RunConfig, models: RetrievalModels, limits: NDArray[np.int64]) -> Retriever:
    """Return the retriever of the models as they are now, with counts up to the limits."""
    fit = EmbeddingFit(models.embedding, dataset, config.embedding, limits=limits, seed=config.seed)
    return build_retriever(dataset, config, limits=limits, tower=models.tower, embedding=fit)


class _TuningWindow:
    """Measures models by nDCG@20 on a window: the geometric mean over lists with and without seen items."""

    def __init__(self, dataset: Dataset, window: Window, clock: Clock) -> None:
        self.dataset, self.window, self.clock = dataset, window, clock
        self.targets: dict[bool, Targets] = {}
        for seen_allowed in modes(dataset.repeats):
            found = window_targets(dataset.events, window, width=dataset.item_rows, only_new=not seen_allowed)
            if len(found.rows):
                self.targets[seen_allowed] = found.sample(TUNING_CUSTOMERS, 0)

    def of_tower(self, model: TwoTower) -> float:
        tower, items = model.export_customers(), ItemVectors(model.item_vectors())
        return self._figure(items, lambda batch: tower(batch.rows, batch.features, batch.history, batch.context))

    def of_embedding(self, model: EmbeddingModel) -> float:
        customers, items = model.customer_vectors(), ItemVectors(model.item_vectors())
        return self._figure(items, lambda batch: customers[batch.rows])

    def _figure(self, items: ItemVectors, encode: Encode) -> float:
        figures = [max(self._ndcg(items, encode, seen, targets), 1e-6) for seen, targets in self.targets.items()]
        return float(np.exp(np.mean(np.log(figures)))) if figures else 0.0

    def _ndcg(self, items: ItemVectors, encode: Encode, seen_allowed: bool, targets: Targets) -> float:
        best = np.zeros((len(targets.rows), TUNED_AT), np.int32)
        for part, batch in window_batches(self.dataset, self.window, targets.rows, self.clock):
            mask = np.ones((len(batch), self.dataset.item_rows), np.bool_)
            if not seen_allowed:
                mask[batch.history.owners, batch.history.items] = False
            best[part] = items.scoreboard(encode(batch)).best(TUNED_AT, mask)[0]
        return float(ranking_metrics(best, targets, (TUNED_AT,))[f"ndcg@{TUNED_AT}"].mean())
