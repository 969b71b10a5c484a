"""What fitting costs on a log, and how soon it is as good as EASE."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from shortlist_bench.child import in_child
from shortlist_bench.ease import Ease
from shortlist_bench.peak import peak_gigabytes
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.build import build_dataset
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.funnel import funnels
from shortlist_training.fitting.batches import MomentBatches
from shortlist_training.fitting.rounds import FitRecord
from shortlist_training.fitting.two_tower import over_whole_catalogue
from shortlist_training.log import read_log
from shortlist_training.progress import Progress, Silent
from shortlist_training.reranking.lists import Lists
from shortlist_training.retrieval.retriever import with_counts
from shortlist_training.run import seed_everything
from shortlist_training.split.plan import SplitPlan
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.first_pair import FirstPair, fit_first_pair
from shortlist_training.stages.scorer import engine_of
from shortlist_training.stages.windows import cut_windows


def measure_training(folder: Path, rounds: int | None, say: Callable[[str], None]) -> dict[str, Any]:
    """Fit the first retriever and scorer of a run in a process of its own, and return what that took.

    Args:
        folder: a log, or a benchmark task, whose `data` is one.
        rounds: of the two-tower and of the scorer, at most; None: as configured.
        say: is told what is fitted.
    """
    say(f"{folder.name}: the first retriever and scorer, and EASE")
    data = folder / "data"
    return in_child(_measure, data if data.is_dir() else folder, rounds)


def _measure(folder: Path, rounds: int | None) -> dict[str, Any]:
    config, progress = RunConfig(), Silent()
    if rounds is not None:
        two_tower, scorer = replace(config.two_tower, rounds=rounds), replace(config.scorer, rounds=rounds)
        config = replace(config, two_tower=two_tower, scorer=scorer)
    seed_everything(config)
    dataset = build_dataset(read_log(folder, config.data), seed=config.seed)
    plan, clock = cut_windows(dataset, config.split)
    began = time.perf_counter()
    pair = fit_first_pair(dataset, plan, clock, config, progress, TimeBudget(None))
    seconds, peak = time.perf_counter() - began, peak_gigabytes()
    ease = Ease.fitted(dataset, plan)
    mark = ease.ndcg(dataset, plan, clock) if ease else None
    tower = pair.models.tower.record
    whole = _whole(pair, dataset, plan, clock, config, progress)
    return {
        "two_tower": {**_pace(tower, _moments(dataset, plan, config)), "ndcg": tower.figure},
        "scorer": _pace(pair.scorer.record, sum(_useful(part) for part in pair.labels)),
        "first_pair": {"seconds": seconds, "ndcg": whole},
        "ease_ndcg": mark,
        "seconds_to_ease": None if mark is None else _reached(tower, mark, whole, seconds),
        "peak_gb": peak,
    }


def _pace(record: FitRecord, examples: int) -> dict[str, Any]:
    """Return examples a second over all rounds, the look at the tuning window after each of them included."""
    spent = sum(one.seconds for one in record.rounds)
    return {
        "rounds": len(record.rounds),
        "seconds": spent,
        "examples_per_second": examples * len(record.rounds) / spent,
    }


def _reached(tower: FitRecord, mark: float, whole: float, seconds: float) -> float | None:
    """Return after how many seconds of fitting the mark was reached, by the two-tower alone or else by the pair."""
    spent = 0.0
    for one in tower.rounds:
        spent += one.seconds
        if (one.figure or 0.0) >= mark:
            return spent
    return seconds if whole >= mark else None


def _whole(
    pair: FirstPair, dataset: Dataset, plan: SplitPlan, clock: Any, config: RunConfig, progress: Progress
) -> float:
    """Return the nDCG@20 of the pair's lists of new items on the tuning window, or of all where nothing is new."""
    engine = engine_of(dataset, with_counts(pair.retriever, dataset, plan.tune.starts), pair.scorer, pair.depths)
    found = funnels(engine, dataset, plan.tune, clock, progress, seed=config.seed)
    return found[-1].end_to_end["ndcg@20"].mean if found else 0.0


def _moments(dataset: Dataset, plan: SplitPlan, config: RunConfig) -> int:
    whole = over_whole_catalogue(dataset, config.two_tower)
    batches = MomentBatches(dataset, config.two_tower, limits=plan.given, whole=whole, seed=config.seed)
    return batches.examples_per_round


def _useful(part: Lists) -> int:
    return int(part.labels.any(axis=1).sum())
