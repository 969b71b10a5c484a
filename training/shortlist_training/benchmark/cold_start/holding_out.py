"""A log as it was before its newest window, and the same without some customers, or without some items."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_bundle import columns as names
from shortlist_bundle.model import Model
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.build import build_dataset, event_order
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.errors import DataError
from shortlist_training.log.feedback import FeedbackKind
from shortlist_training.log.log import Log
from shortlist_training.progress import Progress
from shortlist_training.run import StageSeconds, fit_model, seed_everything
from shortlist_training.split.plan import SplitPlan
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.windows import cut_windows

SHARE = 0.1
"""Of the customers, or of the items, that are held out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeLog:
    """A log with nothing held out: where the truth about the held-out is looked up.

    Attributes:
        log: as read.
        config: of the runs.
        dataset: the log.
        plan: its windows; the newest is asked about, and training sees nothing of it.
        order: int64 [E], the row of the log that each event of the dataset came from.
    """

    log: Log
    config: RunConfig
    dataset: Dataset
    plan: SplitPlan
    order: NDArray[np.int64]

    @classmethod
    def of(cls, log: Log, config: RunConfig) -> Self:
        """Cut the windows of a log.

        Raises:
            DataError: The log holds ratings alone.
        """
        if log.feedback is FeedbackKind.RATINGS:
            raise DataError("the log holds ratings alone, and what strangers get is judged by ranking")
        dataset = build_dataset(log, seed=config.seed)
        plan, _ = cut_windows(dataset, config.split)
        order = event_order(log, dataset.customers, dataset.items, config.seed)
        return cls(log=log, config=config, dataset=dataset, plan=plan, order=order)

    def some_customers(self) -> NDArray[np.bool_]:
        """Return which customers are held out, by seed, bool [M + 1]."""
        return self._some(np.flatnonzero(self.dataset.events.lengths), self.dataset.customer_rows, 1)

    def some_items(self) -> NDArray[np.bool_]:
        """Return which items are held out, by seed, bool [N + 1]: taken ones, that the table of items describes."""
        described = [] if self.log.items is None else self.log.items[names.ITEM_ID].to_list()
        taken = np.intersect1d(self.dataset.items.rows(described), self.dataset.events.items)
        return self._some(taken[taken > 0], self.dataset.item_rows, 2)

    def _some(self, rows: NDArray[np.integer], width: int, purpose: int) -> NDArray[np.bool_]:
        held = np.zeros(width, np.bool_)
        random = np.random.default_rng([self.config.seed, purpose])
        held[random.choice(rows, int(np.ceil(SHARE * len(rows))), replace=False)] = True
        return held

    def without_customers(self, held: NDArray[np.bool_]) -> Log:
        """Return the log before the newest window, in which these customers never were."""
        log = self._before(~held[self.dataset.events.owners])
        if log.customers is None:
            return log
        gone = pl.Series(self.dataset.customers.ids(np.flatnonzero(held)), dtype=pl.String)
        return replace(log, customers=log.customers.filter(~pl.col(names.CUSTOMER_ID).is_in(gone.implode())))

    def without_items(self, held: NDArray[np.bool_]) -> Log:
        """Return the log before the newest window, in which nobody touched these items; their features stay."""
        return self._before(~held[self.dataset.events.items])

    def _before(self, kept: NDArray[np.bool_]) -> Log:
        events = self.dataset.events
        position = np.arange(len(events.items)) - events.offsets[events.owners]
        rows = np.sort(self.order[kept & (position < self.plan.judge.starts[events.owners])])
        return replace(self.log, interactions=self.log.interactions[rows])

    def fit(self, log: Log, progress: Progress) -> Model:
        """Train on a part of the log as usual.

        Raises:
            DataError: It is too small to make lists from.
        """
        seed_everything(self.config)
        dataset = build_dataset(log, seed=self.config.seed, context=self.config.two_tower.context)
        budget = TimeBudget(self.config.budget_minutes)
        model, _ = fit_model(log, dataset, self.config, progress, budget, StageSeconds())
        if model.engine is None:
            raise DataError("what is left of the log makes no lists")
        return model

    def items_of(self, model: Model) -> NDArray[np.int32]:
        """Return the row in a model of each item of the log, int32 [N + 1], 0 for one that it does not know."""
        return model.items.rows(self.dataset.items.ids(range(self.dataset.item_rows)))
