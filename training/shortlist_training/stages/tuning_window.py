"""The window that models are tuned on: how good the lists of an embedding space alone are there."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.towers.customer_tower import CustomerTower
from shortlist_bundle.towers.layers import Float
from shortlist_training.all_cores import on_all_cores
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.metrics import ranking_metrics
from shortlist_training.evaluation.targets import window_targets
from shortlist_training.retrieval.allowed import allowed_items
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.split.window import Window

Encode = Callable[[CustomerBatch], Float]

TUNING_CUSTOMERS = 2000
TUNED_AT = 20


def by_tower(tower: CustomerTower) -> Encode:
    """Return what encodes a batch by a two-tower's customer side."""
    return lambda batch: tower(batch.rows, batch.features, batch.history, batch.context)


class TuningWindow:
    """Measures embedding spaces by nDCG on items new to the customer: what was taken before, the own past finds.

    Args:
        dataset: the log.
        window: whose customers and targets.
        clock: of the log.
        customers: at most so many of them.
        depth: of the lists.
    """

    def __init__(
        self,
        dataset: Dataset,
        window: Window,
        clock: Clock,
        *,
        customers: int = TUNING_CUSTOMERS,
        depth: int = TUNED_AT,
    ) -> None:
        self.dataset, self.window, self.clock, self.depth = dataset, window, clock, depth
        targets = window_targets(dataset.events, window, width=dataset.item_rows, only_new=True)
        # Where customers have had everything, nothing is new to anybody.
        self.only_new = len(targets.rows) > 0
        if not self.only_new:
            targets = window_targets(dataset.events, window, width=dataset.item_rows, only_new=False)
        self.targets = targets.sample(customers, 0)

    def measure(self, items: Float, encode: Encode) -> float:
        """Return the mean nDCG of a space's lists, 0 where nobody can be judged.

        Args:
            items: float32 [N + 1, W], row 0 is nobody.
            encode: customers to vectors of the same space.
        """
        if not len(self.targets.rows):
            return 0.0
        best, _ = self.best(items, encode)
        return float(ranking_metrics(best, self.targets, (self.depth,))[f"ndcg@{self.depth}"].mean())

    def best(
        self, items: Float, encode: Encode, *, among: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int32], Float]:
        """Return each judged customer's list and its scores, int32 and float32 [J, depth].

        Args:
            items: float32 [N + 1, W], row 0 is nobody.
            encode: customers to vectors of the same space.
            among: bool [N + 1], which items may be in it; None: all.
        """
        space = ItemVectors(items)
        best = np.zeros((len(self.targets.rows), self.depth), np.int32)
        scores = np.full(best.shape, -np.inf, np.float32)
        batches = window_batches(self.dataset, self.window, self.targets.rows, self.clock)

        def ranked(chunk: tuple[slice, CustomerBatch]) -> tuple[slice, NDArray[np.int32], Float]:
            part, batch = chunk
            as_of = self.window.as_of[batch.rows]
            allowed = allowed_items(self.dataset, batch, as_of, seen_allowed=not self.only_new)
            if among is not None:
                allowed &= among
            return part, *space.scoreboard(encode(batch)).best(self.depth, allowed)

        for part, items_of_part, scores_of_part in on_all_cores(ranked, batches):
            best[part], scores[part] = items_of_part, scores_of_part
        return best, scores
