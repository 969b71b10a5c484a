"""What EASE reaches on the tuning window of a run: the mark that training is timed to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from shortlist_bench.closed_form import MOST_ITEMS, PENALTY, closed_form
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.state.histories import Histories
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.split.plan import SplitPlan
from shortlist_training.stages.tuning_window import TuningWindow


@dataclass(frozen=True, slots=True)
class Ease:
    """EASE fitted on what the first retriever sees, as a space of N dimensions: what was taken times the weights."""

    weights: NDArray[np.float32]

    @classmethod
    def fitted(cls, dataset: Dataset, plan: SplitPlan) -> "Ease | None":
        """Fit it; None where there are more items than the closed form is run for."""
        if dataset.item_rows - 1 > MOST_ITEMS:
            return None
        everybody = np.arange(dataset.customer_rows)
        given = dataset.events.slice(everybody, np.zeros_like(everybody), plan.given)
        return cls(closed_form(_matrix(given, dataset.item_rows), PENALTY))

    def ndcg(self, dataset: Dataset, plan: SplitPlan, clock: Clock) -> float:
        """Return its nDCG@20 on the tuning window, of the same customers and items as the two-tower's."""
        # The item's vector is its column of weights: an inner product with what was taken is EASE's score.
        return TuningWindow(dataset, plan.tune, clock).measure(np.ascontiguousarray(self.weights.T), self._encoded)

    def _encoded(self, batch: CustomerBatch) -> NDArray[np.float32]:
        return _matrix(batch.history, len(self.weights)).toarray()


def _matrix(histories: Histories, width: int) -> sparse.csr_matrix:
    pairs = np.unique(histories.owners * width + histories.items)
    ones = np.ones(len(pairs), np.float32)
    return sparse.csr_matrix((ones, (pairs // width, pairs % width)), shape=(len(histories), width))
