"""The models of retrieval that a bundle holds, carried over to a grown log and trained on."""

from dataclasses import replace

import numpy as np

from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.fitting.rounds import FitRecord
from shortlist_training.fitting.two_tower import TwoTowerFit
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.origin.two_tower import carried_tower
from shortlist_training.progress import Progress
from shortlist_training.retrieval.content import fit_content
from shortlist_training.split.plan import SplitKind, SplitPlan
from shortlist_training.split.window import Window
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.embedding import ChosenEmbedding, FittedEmbedding, fit_embedding
from shortlist_training.stages.ground import Ground
from shortlist_training.stages.retrieval import EMBEDDING_SHARE, RetrievalModels
from shortlist_training.stages.tuning_window import TuningWindow
from shortlist_training.stages.two_tower import FittedTower
from shortlist_training.stages.unknown_items import UnknownItems, place_unknown_items

PUBLISH_SHARE = 0.95
UNTRAINED = FitRecord(rounds=(), best=0, stopped="carried over")


def carried_models(ground: Ground) -> RetrievalModels:
    """Return the bundle's two-tower as it was, and the closed forms up to the first window of what is new."""
    config = ground.config
    model = carried_tower(
        ground.pair, ground.dataset, ground.news.rows, ground.news.seen, config.two_tower, seed=config.seed
    )
    return RetrievalModels(
        tower=FittedTower(model=model, record=UNTRAINED, race={}, unknown=_unknown_items(ground, model)),
        embedding=_embedding(ground),
        content=fit_content(ground.dataset, seed=config.seed),
    )


def _unknown_items(ground: Ground, model: TwoTower) -> UnknownItems | None:
    """Return how items that nobody has taken fare: as was found, or as is found now that there are some."""
    found = ground.pair.chosen.unknown_items
    if found is not None:
        return UnknownItems(**found)
    if not ground.windows:
        return None
    return place_unknown_items(model, TuningWindow(ground.dataset, ground.windows[-1], ground.clock))


def _embedding(ground: Ground) -> FittedEmbedding:
    """Fit the closed form with the settings that were chosen; a model trained step by step begins anew."""
    dataset, config, chosen = ground.dataset, ground.config, ground.pair.chosen
    if chosen.axes is not None:
        with ground.progress.stage("embedding model", 1) as bar:
            fitted = ChosenEmbedding(dataset, ground.given, chosen.axes, seed=config.seed)
            bar.advance(1)
        return fitted
    nothing = Window(starts=ground.given, stops=ground.given, as_of=np.zeros(len(ground.given)))
    newest = ground.windows[-1] if ground.windows else nothing
    plan = SplitPlan(
        kind=SplitKind(chosen.split), reason="what is new", windows=(nothing, newest, newest), length=0.0
    )  # fmt: skip
    return fit_embedding(
        dataset, plan, ground.clock, config, ground.progress, ground.budget, until=EMBEDDING_SHARE
    )  # fmt: skip


def train_on(
    models: RetrievalModels, dataset: Dataset, config: RunConfig, progress: Progress, budget: TimeBudget
) -> RetrievalModels:
    """Train the two-tower on up to the end of the log, in place, and fit the closed forms again."""
    model = models.tower.model
    fit = TwoTowerFit(model, dataset, config.two_tower, limits=dataset.events.lengths, seed=config.seed + 1)
    record = fit.run(
        progress, name="two-tower, going on", rounds=config.two_tower.refit_rounds,
        learning_rate=config.two_tower.refit_learning_rate, deadline=budget.until(PUBLISH_SHARE),
    )  # fmt: skip
    models.embedding.refit(dataset.events.lengths, progress)
    return replace(models, tower=replace(models.tower, record=record))
