"""What all variants of one seed share: the first pair of a training, and its lists at the window that is judged."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Retriever
from shortlist_bundle.state.clock import Clock
from shortlist_training.benchmark.task import ONE_TARGET_K, K
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.build import build_dataset
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.errors import DataError
from shortlist_training.evaluation.funnel import tail_items
from shortlist_training.log.feedback import FeedbackKind
from shortlist_training.log.log import Log
from shortlist_training.models.scorer import Scorer
from shortlist_training.progress import Progress
from shortlist_training.reranking.fit import ScorerFit
from shortlist_training.reranking.lists import DepthsByMode, Lists
from shortlist_training.retrieval.retriever import with_counts
from shortlist_training.run import seed_everything
from shortlist_training.split.plan import SplitPlan
from shortlist_training.split.window import Window
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.first_pair import FirstPair, fit_first_pair
from shortlist_training.stages.scorer import window_lists
from shortlist_training.stages.windows import cut_windows

JUDGED_SEED = 0
"""Of the choice of customers where the window has too many: the same for every seed of the fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The first pair, and what its scorers are judged on.

    Attributes:
        dataset: the log.
        plan: its windows.
        clock: of the log.
        config: of the run.
        pair: the first retriever, and the scorer that has everything.
        retriever: the same, with item counts up to the window that is judged.
        judged: its lists there, one for each mode that has anything to judge.
        k: length of the lists: 10 where everybody has one target, 20 elsewhere.
    """

    dataset: Dataset
    plan: SplitPlan
    clock: Clock
    config: RunConfig
    pair: FirstPair
    retriever: Retriever
    judged: Sequence[Lists]
    k: int

    @classmethod
    def of(cls, log: Log, config: RunConfig, progress: Progress) -> Self:
        """Fit the first pair, and make its lists.

        Raises:
            DataError: The log holds ratings alone, or is too small to teach a scorer or to judge one.
        """
        if log.feedback is FeedbackKind.RATINGS:
            raise DataError("the log holds ratings alone, and what is taken apart here is a ranking")
        seed_everything(config)
        dataset = build_dataset(log, seed=config.seed, context=config.two_tower.context)
        plan, clock = cut_windows(dataset, config.split)
        progress.say(f"split: {plan.kind.value}, because {plan.reason}")
        pair = fit_first_pair(dataset, plan, clock, config, progress, TimeBudget(None))
        sampled = replace(config, seed=JUDGED_SEED)
        judged = window_lists(dataset, pair.retriever, [plan.judge], clock, pair.depths, sampled, progress)
        if pair.scorer.scorer is None or not judged:
            raise DataError("the log is too small: its windows hold nothing that any source proposed")
        single = all((lists.targets.sizes == 1).all() for lists in judged)
        return cls(
            dataset=dataset,
            plan=plan,
            clock=clock,
            config=config,
            pair=pair,
            retriever=with_counts(pair.retriever, dataset, plan.judge.starts),
            judged=judged,
            k=ONE_TARGET_K if single else K,
        )

    @property
    def scorer(self) -> Scorer:
        """The scorer that has everything."""
        assert self.pair.scorer.scorer is not None  # noqa: S101 `of` has refused a log without one
        return self.pair.scorer.scorer

    @property
    def tail(self) -> NDArray[np.bool_]:
        """Which items are seldom taken, bool [N + 1]."""
        return tail_items(self.retriever.counts.cumulative[-1])

    def lists_of(self, source: str, windows: Sequence[Window], progress: Progress) -> list[Lists]:
        """Return the lists of some windows with the candidates of one source, as many as the shortlist may have."""
        depths: DepthsByMode = {mode: {source: self.config.scorer.budget} for mode in (True, False)}
        judged = any(window is self.plan.judge for window in windows)
        config = replace(self.config, seed=JUDGED_SEED) if judged else self.config
        return window_lists(
            self.dataset, self.pair.retriever, windows, self.clock, depths, config, progress,
            strangers=0.0 if judged else config.scorer.strangers,
        )  # fmt: skip

    def fingerprint(self) -> str:
        """Return a digest of what is judged and of how the full scorer orders it."""
        fit, found = ScorerFit(self.scorer, self.config.scorer, seed=self.config.seed), hashlib.sha256()
        for lists in self.judged:
            for part in (lists.targets.keys, lists.items, lists.signals, fit.logits(lists)):
                found.update(np.ascontiguousarray(part).data)
        return found.hexdigest()[:16]
