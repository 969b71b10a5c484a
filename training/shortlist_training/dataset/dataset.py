"""The log as arrays, ready for models."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.availability import Availability
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A log by rows: customers 1..M, items 1..N, row 0 nobody.

    Attributes:
        customers, items: ids <-> rows.
        events: every customer's events (row 0 has none), oldest first; in a log without times the order is a seeded
            shuffle of each customer's items, so that nothing can be read from it.
        ratings: float32 [E] beside `events`, NaN where there is no rating; None in a log without ratings.
        steps: int32 [E] beside `events`; events of one customer with the same step were taken together.
        has_times: whether the log has timestamps.
        repeats: whether people take the same thing again.
        customer_encoder, item_encoder: raw feature values -> numbers.
        customer_features, item_features: encoded, M + 1 and N + 1 rows.
        context_encoder: raw values of the chosen columns of context -> numbers; None where none was chosen.
        context_features: encoded, E rows beside `events`; None likewise.
        availability: when each item can be had; None where all always can, or the log has no times.
        oneself: int32 [M + 1], where items are customers: the item that each customer is, 0 for none; None elsewhere.
    """

    customers: Vocabulary
    items: Vocabulary
    events: Histories
    ratings: NDArray[np.float32] | None
    steps: NDArray[np.int32]
    has_times: bool
    repeats: bool
    customer_encoder: FeatureEncoder
    item_encoder: FeatureEncoder
    customer_features: EncodedFeatures
    item_features: EncodedFeatures
    context_encoder: FeatureEncoder | None = None
    context_features: EncodedFeatures | None = None
    oneself: NDArray[np.int32] | None = None
    availability: Availability | None = None

    @property
    def customer_rows(self) -> int:
        """Rows of customer tables, M + 1."""
        return len(self.customers)

    @property
    def item_rows(self) -> int:
        """Rows of item tables, N + 1."""
        return len(self.items)

    def span(self) -> tuple[float, float]:
        """Return the first and the last time of the log in epoch seconds, (0, 0) without times or events."""
        if not self.has_times or not len(self.events.times):
            return 0.0, 0.0
        return float(self.events.times.min()), float(self.events.times.max())
