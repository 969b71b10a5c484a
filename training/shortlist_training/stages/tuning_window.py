"""The window that models are tuned on: how good the lists of an embedding space alone are there."""

from collections.abc import Callable

import numpy as np

from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.towers.layers import Float
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.evaluation.metrics import ranking_metrics
from shortlist_training.evaluation.targets import Targets, window_targets
from shortlist_training.reranking.lists import modes
from shortlist_training.retrieval.batches import window_batches
from shortlist_training.split.window import Window

Encode = Callable[[CustomerBatch], Float]

TUNING_CUSTOMERS = 2000


class TuningWindow:
    """Measures embedding spaces by nDCG: the geometric mean over lists with and without seen items.

    Args:
        dataset: the log.
        window: whose customers and targets.
        clock: of the log.
        only_new: whether to look at lists without seen items alone.
        customers: at most so many of them.
        depth: of the lists.
    """

    def __init__(
        self,
        dataset: Dataset,
        window: Window,
        clock: Clock,
        *,
        only_new: bool = False,
        customers: int = TUNING_CUSTOMERS,
        depth: int = 20,
    ) -> None:
        self.dataset, self.window, self.clock, self.depth = dataset, window, clock, depth
        self.targets: dict[bool, Targets] = {}
        for seen_allowed in (False,) if only_new else modes(dataset.repeats):
            found = window_targets(dataset.events, window, width=dataset.item_rows, only_new=not seen_allowed)
            if len(found.rows):
                self.targets[seen_allowed] = found.sample(customers, 0)

    def measure(self, items: Float, encode: Encode) -> float:
        """Return the figure of a space.

        Args:
            items: float32 [N + 1, W], row 0 is nobody.
            encode: customers to vectors of the same space.
        """
        space = ItemVectors(items)
        figures = [max(self._ndcg(space, encode, seen, targets), 1e-6) for seen, targets in self.targets.items()]
        return float(np.exp(np.mean(np.log(figures)))) if figures else 0.0

    def _ndcg(self, items: ItemVectors, encode: Encode, seen_allowed: bool, targets: Targets) -> float:
        best = np.zeros((len(targets.rows), self.depth), np.int32)
        for part, batch in window_batches(self.dataset, self.window, targets.rows, self.clock):
            mask = np.ones((len(batch), self.dataset.item_rows), np.bool_)
            if not seen_allowed:
                mask[batch.history.owners, batch.history.items] = False
            best[part] = items.scoreboard(encode(batch)).best(self.depth, mask)[0]
        return float(ranking_metrics(best, targets, (self.depth,))[f"ndcg@{self.depth}"].mean())
