"""Teach the scorer on the retriever's candidates in later windows."""

from collections.abc import Sequence
from dataclasses import dataclass

from shortlist_bundle.engine import Engine, Retriever
from shortlist_bundle.state.clock import Clock
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.targets import window_targets
from shortlist_training.fitting.rounds import FitRecord
from shortlist_training.models.scorer import Scorer
from shortlist_training.progress import Progress
from shortlist_training.reranking.fit import ScorerFit, new_scorer
from shortlist_training.reranking.fusion import fusion_reranker
from shortlist_training.reranking.lists import DepthsByMode, Lists, make_lists, modes, source_lists
from shortlist_training.reranking.strangers import Strangers
from shortlist_training.retrieval.budget import share_budget
from shortlist_training.retrieval.retriever import source_names, with_counts
from shortlist_training.split.window import Window
from shortlist_training.stages.budget import TimeBudget

LIST_CUSTOMERS = 6000
"""Customers of a window that the scorer learns from: beyond, more of them teach it little."""
BUDGET_CUSTOMERS = 1000
SCORER_SHARE = 0.6
UNTUNED_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedScorer:
    """A scorer and how its fit went.

    Attributes:
        scorer: None where no window had anything to learn from; rank fusion orders the lists then.
        record: of the fit.
    """

    scorer: Scorer | None
    record: FitRecord


def choose_depths(
    dataset: Dataset, retriever: Retriever, window: Window, clock: Clock, config: RunConfig
) -> DepthsByMode:
    """Share the shortlist among the sources on a window, once with seen items and once without.

    A mode in which nobody has a target (or that the log does not know) takes over the other's depths.
    """
    depths = {}
    for seen_allowed in (True, False):
        lists, targets = source_lists(
            dataset, retriever, window, clock, seen_allowed=seen_allowed, depth=config.scorer.budget,
            limit=BUDGET_CUSTOMERS, seed=config.seed,
        )  # fmt: skip
        shared = share_budget(lists, targets, budget=config.scorer.budget) if len(targets.rows) else {}
        depths[seen_allowed] = shared if any(shared.values()) else _even(dataset, config)
    return depths


def _even(dataset: Dataset, config: RunConfig) -> dict[str, int]:
    names = source_names(dataset, config)
    return dict.fromkeys(names, -(-config.scorer.budget // len(names)))


def window_lists(
    dataset: Dataset,
    retriever: Retriever,
    windows: Sequence[Window],
    clock: Clock,
    depths: DepthsByMode,
    config: RunConfig,
    progress: Progress,
    *,
    strangers: float = 0.0,
) -> list[Lists]:
    """Return the lists of several windows in every mode; item counts move on with each window.

    Args:
        dataset: the log.
        retriever: fitted on nothing later than the first window's start.
        windows: whose customers and targets.
        clock: of the log.
        depths: candidates per source.
        config: of the run.
        progress: where it is shown.
        strangers: so large a share of the customers have a second list, as strangers; for lists to learn from.
    """
    lists: list[Lists] = []
    if not windows:
        return lists
    limit = LIST_CUSTOMERS if len(windows) == 1 else 2 * LIST_CUSTOMERS // len(windows)
    most = limit + Strangers.count(limit, strangers)
    with progress.stage("candidates and signals", len(windows) * len(modes(dataset.repeats)) * most) as bar:
        for window in windows:
            current = with_counts(retriever, dataset, window.starts)
            for seen_allowed in modes(dataset.repeats):
                asked = window_targets(dataset.events, window, width=dataset.item_rows, only_new=not seen_allowed)
                if not len(asked.rows):
                    continue
                made = make_lists(
                    dataset, current, window, clock, depths[seen_allowed], seen_allowed=seen_allowed,
                    limit=limit, seed=config.seed, bar=bar, strangers=strangers,
                )  # fmt: skip
                if made.labels.any():
                    lists.append(made)
    return lists


def fit_scorer(
    dataset: Dataset,
    lists: Sequence[Lists],
    config: RunConfig,
    progress: Progress,
    budget: TimeBudget,
    *,
    tune: Sequence[Lists] = (),
    rounds: int | None = None,
    name: str = "scorer",
) -> FittedScorer:
    """Fit a scorer: with early stopping on the tuning lists, or for exactly `rounds` rounds without them.

    Only a fit with early stopping ends when its share of the budget is used up. The other one is published: its rounds
    are counted out beforehand, and each is whole, for a scorer that has seen a part of its lists is worth little.

    A log too small to have a list with a label gets no scorer; one without a tuning window trains a few rounds.
    """
    if not lists:
        return FittedScorer(scorer=None, record=FitRecord(rounds=(), best=0, stopped="nothing to learn from"))
    if not tune and rounds is None:
        rounds = UNTUNED_ROUNDS
    width = lists[0].item_vectors.shape[1] - 1
    scorer = new_scorer(dataset, config.scorer, lists, width=width, seed=config.seed)
    fit = ScorerFit(scorer, config.scorer, seed=config.seed)
    record = fit.run(
        lists, progress, rounds=rounds or config.scorer.rounds, name=name, tune=tune,
        deadline=budget.until(SCORER_SHARE) if tune else None,
    )  # fmt: skip
    return FittedScorer(scorer=scorer, record=record)


def engine_of(dataset: Dataset, retriever: Retriever, fitted: FittedScorer, depths: DepthsByMode) -> Engine:
    """Join a retriever and a scorer to the engine that serves."""
    if fitted.scorer is None:
        return Engine(retriever, fusion_reranker(dataset, retriever.signals), depths=depths)
    return Engine(retriever, fitted.scorer.export(retriever.tower_items.vectors), depths=depths)
