"""What the parts of a training that goes on from a bundle share."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Engine, Retriever
from shortlist_bundle.state.clock import Clock
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.models.scorer import Scorer
from shortlist_training.origin.news import News
from shortlist_training.origin.opening import Pair
from shortlist_training.origin.scorer import carried_scorer
from shortlist_training.progress import Progress
from shortlist_training.reranking.lists import Lists
from shortlist_training.retrieval.retriever import with_counts
from shortlist_training.split.window import Window
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.scorer import FittedScorer, engine_of, window_lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The log, the bundle, and what is new.

    Attributes:
        news: the log beside the bundle.
        pair: the parts of the bundle that rank.
        dataset: the log.
        windows: of what is new, oldest first.
        clock: of the log.
        config: of the run.
        progress: where it is shown.
        budget: of the run.
    """

    news: News
    pair: Pair
    dataset: Dataset
    windows: tuple[Window, ...]
    clock: Clock
    config: RunConfig
    progress: Progress
    budget: TimeBudget

    @property
    def given(self) -> NDArray[np.int64]:
        """What the carried retriever may see, int64 [M + 1]: each customer's events before all windows."""
        return self.windows[0].starts if self.windows else self.dataset.events.lengths

    def scorer(self) -> Scorer | None:
        """Return the bundle's scorer."""
        return carried_scorer(self.pair, self.dataset, self.config.scorer, seed=self.config.seed)

    def engine(self, retriever: Retriever, scorer: FittedScorer, window: Window | None) -> Engine:
        """Return both joined, with item counts up to a window; None for those that the retriever has."""
        if window is not None:
            retriever = with_counts(retriever, self.dataset, window.starts)
        return engine_of(self.dataset, retriever, scorer, self.pair.engine.depths)

    def lists(self, retriever: Retriever, windows: Sequence[Window], *, strangers: float) -> list[Lists]:
        """Return the lists of some windows."""
        return window_lists(
            self.dataset, retriever, windows, self.clock, self.pair.engine.depths, self.config, self.progress,
            strangers=strangers,
        )  # fmt: skip
