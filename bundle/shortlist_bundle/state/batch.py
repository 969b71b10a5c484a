"""What the engine is told about the customers of one batch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.state.histories import Histories


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerBatch:
    """B customers at their moments.

    Attributes:
        rows: int32 [B], rows of the customer vocabulary, 0 for a customer that training has not seen.
        features: their encoded features, B rows.
        history: what they have taken up to `now`.
        now: float64 [B], epoch seconds, as given by `Clock.moments`.
        context: encoded context of the requests, B rows; None where there is none.
    """

    rows: NDArray[np.int32]
    features: EncodedFeatures
    history: Histories
    now: NDArray[np.float64]
    context: EncodedFeatures | None = None

    def __post_init__(self) -> None:
        context = self.features if self.context is None else self.context
        if not len(self.rows) == len(self.history) == len(self.now) == len(self.features) == len(context):
            raise ValueError("a customer batch needs one row, history, moment, feature row and context per customer")

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, index: NDArray[np.integer]) -> "CustomerBatch":
        """Return some of the customers as a batch of their own."""
        return CustomerBatch(
            rows=self.rows[index],
            features=self.features.take(index),
            history=self.history.take(index),
            now=self.now[index],
            context=None if self.context is None else self.context.take(index),
        )
