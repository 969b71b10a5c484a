"""The whole of a training run: log -> dataset -> models -> evaluation -> bundle."""

import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from shortlist_bundle.exploration.head import head_prior, head_width
from shortlist_bundle.files import BundleRef
from shortlist_bundle.item_side.encoding import ItemSide
from shortlist_bundle.model import Model
from shortlist_bundle.policy import Policy
from shortlist_bundle.state.snapshot import Snapshot
from shortlist_training.config.policies import check_policies, check_sources
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.build import build_dataset
from shortlist_training.dataset.catalogue import build_catalogue
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.log.feedback import FeedbackKind
from shortlist_training.log.log import Log
from shortlist_training.origin.agreement import check_agreement
from shortlist_training.origin.news import News, find_news
from shortlist_training.origin.opening import Origin
from shortlist_training.progress import Progress
from shortlist_training.retrieval.retriever import source_names
from shortlist_training.split.plan import SplitPlan
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.customer_space import with_customer_space
from shortlist_training.stages.going_on import go_on_ranking
from shortlist_training.stages.indexing import with_index
from shortlist_training.stages.publish import publish
from shortlist_training.stages.ranking import FittedRanking, fit_ranking
from shortlist_training.stages.ratings import FittedRatings, fit_ratings
from shortlist_training.stages.ratings_going_on import go_on_ratings
from shortlist_training.stages.windows import cut_windows

SEEN_TOO_MUCH = 0.5
"""Where customers have had half of the catalogue, a list without seen items would be a list of leftovers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainResult:
    """What a run has made.

    Attributes:
        bundle: where it was written.
        metrics: the bundle's metrics document.
        seconds: stage -> seconds.
    """

    bundle: BundleRef
    metrics: Mapping[str, Any]
    seconds: Mapping[str, float]


class StageSeconds:
    """Seconds that each stage of a run took."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap on a stage."""
        now = time.monotonic()
        self.spent[stage] = now - self._last
        self._last = now


def train(
    log: Log,
    config: RunConfig,
    bundles: Path,
    progress: Progress,
    *,
    name: str = "default",
    alias: str = "stable",
    start: float | None = None,
    origin: Origin | None = None,
) -> TrainResult:
    """Train on a log, judge the result, and write it as a bundle.

    Args:
        log: as read.
        config: of the run.
        bundles: folder of bundles.
        progress: where it is shown.
        name: of the model.
        alias: to move to the new version.
        start: `time.monotonic()` from which the budget counts; None: now.
        origin: the bundle to go on from; None to train from scratch.

    Raises:
        WarmStartError: The bundle cannot be gone on from with this log and configuration.
    """
    if origin:
        check_agreement(origin, log, config)
    budget = TimeBudget(config.budget_minutes, time.monotonic() if start is None else start)
    seconds = StageSeconds()
    seed_everything(config)
    before = origin.specs if origin else {}
    dataset = build_dataset(log, seed=config.seed, context=config.two_tower.context, before=before)
    news = None
    if origin:
        dataset, news = find_news(origin, log, dataset, config)
        progress.say(str(news))
    seconds.lap("dataset")
    model, metrics = fit_model(log, dataset, config, progress, budget, seconds, news=news)
    lineage = origin.lineage if origin else None
    ref = publish(model, config, bundles, name=name, alias=alias, report=_report(seconds), lineage=lineage)
    seconds.lap("publish")
    return TrainResult(bundle=ref, metrics=metrics, seconds=dict(seconds.spent))


def fit_model(
    log: Log,
    dataset: Dataset,
    config: RunConfig,
    progress: Progress,
    budget: TimeBudget,
    seconds: StageSeconds,
    *,
    news: News | None = None,
) -> tuple[Model, dict[str, Any]]:
    """Fit everything the log asks for and return the model in memory with its metrics.

    Args:
        log: as read.
        dataset: of the log.
        config: of the run.
        progress: where it is shown.
        budget: of the run.
        seconds: where the time is booked.
        news: what is new to the bundle that it goes on from; None to train from scratch.
    """
    # A policy that the items cannot serve is told now, not after an hour of training.
    catalogue = build_catalogue(log, dataset.items)
    by_rating = log.feedback is FeedbackKind.RATINGS
    check_policies(config.policies, catalogue, vectors=not by_rating)
    check_sources(config.policies, () if by_rating else source_names(dataset, config))
    chosen = news.origin.chosen if news else None
    plan, clock = cut_windows(dataset, replace(config.split, kind=chosen.split) if chosen else config.split)
    dense = _dense(dataset)
    # People who know half of all people are still not to be proposed those they know.
    seen_allowed = dataset.repeats or (dense and not log.people_to_people)
    progress.say(f"split: {plan.kind.value}, because {plan.reason}")
    ranking: FittedRanking | None = None
    ratings: FittedRatings | None = None
    if not by_rating:
        if news:
            ranking = go_on_ranking(news, dataset, clock, config, progress, budget, seen_allowed=seen_allowed)
        else:
            ranking = fit_ranking(dataset, catalogue, plan, clock, config, progress, budget, seen_allowed=seen_allowed)
        seconds.lap("ranking")
    if log.feedback is not FeedbackKind.IMPLICIT and log.rating_scale is not None:
        if news:
            ratings = go_on_ratings(news, dataset, log.rating_scale, config, progress, dense=dense)
        else:
            ratings = fit_ratings(dataset, log.rating_scale, config, progress, dense=dense)
        seconds.lap("ratings")
    metrics = _metrics(log, plan, ranking, ratings)
    if news:
        metrics["warm_start"] = news.to_json()
    engine = None
    if ranking:
        indexes = chosen.indexes if chosen else {}
        engine, metrics["index"] = with_index(ranking.engine, dataset, config.index, before=indexes)
        seconds.lap("index")
    model = Model(
        customers=dataset.customers,
        items=dataset.items,
        customer_encoder=dataset.customer_encoder,
        item_encoder=dataset.item_encoder,
        context_encoder=dataset.context_encoder,
        catalogue=catalogue,
        snapshot=Snapshot(
            events=dataset.events,
            encoded=dataset.customer_features,
            watermark=len(dataset.events.items),
            position=log.position,
        ),
        clock=clock,
        engine=engine,
        ratings=ratings.model if ratings else None,
        policy=Policy(
            seen_allowed=seen_allowed,
            ranks_by_rating=by_rating,
            people_to_people=log.people_to_people,
            placements=dict(config.policies),
            max_sum_scales=ranking.scales.scales if ranking else {},
            rewards=config.rewards,
        ),
        figures=metrics,
        calibration=ranking.calibration.calibration if ranking else None,
        item_side=replace(ranking.item_side if ranking else ItemSide(), ratings=ratings.items if ratings else None),
        event_weights=log.event_weights,
        posterior=head_prior(head_width(engine.retriever.tower_items.vectors)) if engine else None,
    )
    if engine:
        model, metrics["index"]["customers"] = with_customer_space(model, config.index)
    return model, metrics


def seed_everything(config: RunConfig) -> None:
    """Seed TensorFlow and NumPy, and ask for operations that give the same bits twice."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()


def _dense(dataset: Dataset) -> bool:
    """Tell whether the typical customer has had at least half of the catalogue."""
    events = dataset.events
    pairs = np.unique(events.owners * dataset.item_rows + events.items)
    counts = np.bincount(pairs // dataset.item_rows, minlength=dataset.customer_rows)
    counts = counts[counts > 0]
    return bool(len(counts)) and float(np.median(counts)) >= SEEN_TOO_MUCH * (dataset.item_rows - 1)


def _metrics(log: Log, plan: SplitPlan, ranking: FittedRanking | None, ratings: FittedRatings | None) -> dict[str, Any]:
    metrics: dict[str, Any] = {
        "log": {
            "feedback": log.feedback.value,
            "repeats": log.repeats,
            "people_to_people": log.people_to_people,
        },
        "split": {"kind": plan.kind.value, "reason": plan.reason, "length": plan.length},
        "headline": {},
    }
    if ranking:
        metrics["ranking"] = ranking.figures
        for funnel in ranking.figures["judged"]["refitted pair"]:
            for name in ("ndcg@10", "ndcg@20", "recall@20"):
                metrics["headline"][f"{funnel['mode']} {name}"] = funnel["end_to_end"][name]["mean"]
        metrics["calibration"] = ranking.calibration.figures
        metrics["max_sum"] = ranking.scales.figures
        judged = ranking.calibration.figures.get("judged", {}).get("proposed")
        if judged:
            metrics["headline"] |= {"calibration error": judged["after"]["error"], "brier": judged["after"]["brier"]}
    if ratings:
        metrics["ratings"] = ratings.figures
        metrics["headline"] |= {"rmse": ratings.figures["rmse"], "mae": ratings.figures["mae"]}
    return metrics


def _report(seconds: StageSeconds) -> dict[str, Any]:
    return {
        "run": {
            "seconds": {name: round(value, 3) for name, value in seconds.spent.items()},
            "python": platform.python_version(),
            "machine": platform.machine(),
        }
    }
