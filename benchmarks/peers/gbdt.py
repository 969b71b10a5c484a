"""Boosted trees in the scorer's place: LightGBM on our own candidates and signals."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import lightgbm
import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.lists import NOBODY, Fitted, best_items
from benchmarks.peers.task import Ints, Task
from shortlist_bundle.engine import Retriever
from shortlist_bundle.state.clock import Clock
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.build import build_dataset
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.log import read_log
from shortlist_training.progress import Progress, progress_for
from shortlist_training.reranking.lists import DepthsByMode, Lists
from shortlist_training.retrieval.allowed import allowed_items
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.retrieval.retriever import with_counts
from shortlist_training.retrieval.tuning import retuned
from shortlist_training.run import seed_everything
from shortlist_training.split.window import Window
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.first_pair import FirstPair, fit_first_pair
from shortlist_training.stages.ranking import REFIT_SHARE
from shortlist_training.stages.retrieval import assemble, refit_models
from shortlist_training.stages.scorer import window_lists
from shortlist_training.stages.windows import cut_windows

MOST_TREES, PATIENCE = 1000, 50
SETTINGS = {"objective": "binary", "learning_rate": 0.05, "num_leaves": 31, "verbosity": -1, "deterministic": True}


def gbdt(task: Task, seed: int) -> Fitted:
    """Rerank the merged shortlist by LightGBM (Ke et al. 2017) with the logistic loss, on the scorer's signals.

    Retriever, candidates and windows are those of `shortlist train`. Settings: the library's, with learning rate 0.05
    and at most 1,000 trees, stopping when 50 bring nothing on the tuning window.
    """
    config, progress = RunConfig(seed=seed), progress_for()
    seed_everything(config)
    dataset = build_dataset(read_log(task.data, config.data), seed=seed)
    plan, clock = cut_windows(dataset, config.split)
    pair = fit_first_pair(dataset, plan, clock, config, progress, TimeBudget(None))
    latest = window_lists(dataset, pair.retriever, [plan.judge], clock, pair.depths, config, progress)
    trees = _trees(pair, latest, seed)
    return _Reranked(task, dataset, _published(dataset, pair, config, progress), clock, pair.depths, trees)


def _trees(pair: FirstPair, latest: Sequence[Lists], seed: int) -> lightgbm.Booster:
    """Choose the number of trees on the tuning window, then grow as many on all windows."""
    settings = {**SETTINGS, "seed": seed}
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    early, tuning = _examples(pair.labels), _examples(pair.tuning)
    chosen = lightgbm.train(settings, early, MOST_TREES, valid_sets=[tuning], callbacks=[stop])
    every = _examples([*pair.labels, *pair.tuning, *latest])
    return lightgbm.train(settings, every, max(chosen.best_iteration, 1))


def _examples(lists: Sequence[Lists]) -> lightgbm.Dataset:
    signals = np.concatenate([part.signals[part.items > 0] for part in lists])
    labels = np.concatenate([part.labels[part.items > 0] for part in lists])
    return lightgbm.Dataset(signals, labels)


def _published(dataset: Dataset, pair: FirstPair, config: RunConfig, progress: Progress) -> Retriever:
    """Train the retriever on up to the end of the log."""
    limits = dataset.events.lengths
    refit_models(pair.models, dataset, limits, config, progress, TimeBudget(None), until=REFIT_SHARE)
    moved_on = retuned(assemble(dataset, config, pair.models, limits, pair.settings), pair.retriever)
    return with_counts(moved_on, dataset, limits)


@dataclass(frozen=True, slots=True)
class _Reranked:
    task: Task
    dataset: Dataset
    retriever: Retriever
    clock: Clock
    depths: DepthsByMode
    trees: lightgbm.Booster

    def lists(self, part: str) -> Ints:
        """See `Fitted.lists`."""
        seen_allowed, dataset = self.task.parts[part], self.dataset
        ends = dataset.events.lengths
        window = Window(starts=ends, stops=ends, as_of=np.full(len(ends), self.clock.log_end))
        # The tables are read twice, so that ids stand between the rows of one and of the other.
        rows = np.array([dataset.customers.row(one) for one in self.task.customers], np.int64)
        item_rows = np.array([NOBODY, *self._task_rows()])
        found = np.full((len(rows), self.task.k), NOBODY, np.int64)
        for where, batch in window_batches(dataset, window, rows, self.clock):
            encoded = self.retriever.encode(batch)
            allowed = allowed_items(dataset, batch, window.as_of[batch.rows], seen_allowed=seen_allowed)
            candidates = self.retriever.retrieve(encoded, allowed, self.depths[seen_allowed], at_least=self.task.k)
            signals = self.retriever.pair_signals(encoded, candidates, np.full(len(batch), seen_allowed))
            places = best_items(self._scores(signals, candidates.items), self.task.k)
            best = np.where(places >= 0, np.take_along_axis(candidates.items, places, axis=1), 0)
            found[where, : best.shape[1]] = item_rows[best]
        return found

    def _scores(self, signals: NDArray[np.float32], items: NDArray[np.int32]) -> NDArray[np.float64]:
        scores = np.full(items.shape, -np.inf)
        scores[items > 0] = self.trees.predict(signals[items > 0])
        return scores

    def _task_rows(self) -> list[int]:
        row_of = {item: row for row, item in enumerate(self.task.items)}
        return [row_of[item] for item in self.dataset.items.ids(range(1, len(self.dataset.items)))]
