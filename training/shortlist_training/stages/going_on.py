"""Retriever and scorer of a bundle, trained on over a log that has grown.

Which part has seen what (S is what the bundle has learnt from, the news is cut into windows, T the end of the log):

    carried retriever   the bundle's two-tower as it was, the counts and the closed forms anew, up to the first window
    carried scorer      the bundle's
    scorer, going on    labels of all windows but the newest, on the carried retriever's candidates, who has not seen
                        them; as many rounds as do best on the newest, and none if the bundle's does best
    judged on           the newest window: the bundle's pair, and the pair after these rounds
    published scorer    the same, which then learns from the newest window for as many rounds
    published retriever the carried one, trained on up to T

Windows from before S cannot be asked again: the two-tower has learnt what was taken in them, and a scorer that is shown
its candidates there learns to trust it too much. So nothing holds the scorer to what it knew but short steps, few
rounds, and that it is only changed where that helps with what came last.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Retriever
from shortlist_bundle.item_side.encoding import ItemSide
from shortlist_bundle.state.clock import Clock
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.funnel import Funnel, funnels
from shortlist_training.origin.news import News
from shortlist_training.origin.opening import ranking_pair
from shortlist_training.progress import Progress
from shortlist_training.retrieval.tuning import retuned
from shortlist_training.split.plan import SplitKind
from shortlist_training.split.since import windows_since
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.calibration_carried import carried_calibration
from shortlist_training.stages.carried_models import carried_models, train_on
from shortlist_training.stages.diversity import FittedScales
from shortlist_training.stages.ground import Ground
from shortlist_training.stages.ranking import FittedRanking, ranking_figures
from shortlist_training.stages.retrieval import RetrievalModels, assemble
from shortlist_training.stages.scorer import FittedScorer
from shortlist_training.stages.scorer_going_on import NOTHING_NEW, GoingOnScorer


def go_on_ranking(
    news: News,
    dataset: Dataset,
    clock: Clock,
    config: RunConfig,
    progress: Progress,
    budget: TimeBudget,
    *,
    seen_allowed: bool,
) -> FittedRanking:
    """Go on from a bundle; see `fit_ranking`.

    Raises:
        WarmStartError: The bundle lacks a part, or one has not the shape that log and configuration ask for.
    """
    pair = ranking_pair(news.origin)
    windows = windows_since(dataset, news.seen, SplitKind(pair.chosen.split))
    ground = Ground(
        news=news, pair=pair, dataset=dataset, windows=windows, clock=clock, config=config, progress=progress,
        budget=budget,
    )  # fmt: skip
    models = carried_models(ground)
    with progress.stage("counting sources", 1) as bar:
        carried = _assembled(ground, models, ground.given)
        bar.advance(1)
    known = FittedScorer(scorer=ground.scorer(), record=NOTHING_NEW)
    judged = {"first pair": _judged(ground, carried, known, "as the bundle was")}
    going_on = GoingOnScorer(ground, carried)
    taught = going_on.teach()
    judged["refitted pair"] = _judged(ground, carried, taught, "going on") if going_on.taught else judged["first pair"]
    published = going_on.finish()
    calibration = carried_calibration(ground, carried, known, published, seen_allowed=seen_allowed)
    models = train_on(models, dataset, config, progress, budget)
    figures: Any = news.origin.model.figures
    return FittedRanking(
        engine=ground.engine(_assembled(ground, models, dataset.events.lengths), published, None),
        figures=ranking_figures(models, pair.chosen.settings, published, pair.engine.depths, judged),
        calibration=calibration,
        scales=FittedScales(scales=news.origin.model.policy.max_sum_scales, figures=dict(figures.get("max_sum", {}))),
        item_side=ItemSide(
            tower=models.tower.model.export_items(),
            scorer=published.scorer.export_items() if published.scorer else None,
            content=models.content,
        ),
    )


def _assembled(ground: Ground, models: RetrievalModels, limits: NDArray[np.int64]) -> Retriever:
    """Return the retriever of the models as they are now; all that was tuned is as in the bundle."""
    before, settings = ground.pair.engine.retriever, ground.pair.chosen.settings
    return retuned(assemble(ground.dataset, ground.config, models, limits, settings, spec=before.signals), before)


def _judged(ground: Ground, retriever: Retriever, scorer: FittedScorer, name: str) -> list[Funnel]:
    if not ground.windows:
        return []
    newest = ground.windows[-1]
    engine = ground.engine(retriever, scorer, newest)
    return funnels(engine, ground.dataset, newest, ground.clock, ground.progress, seed=ground.config.seed, name=name)
