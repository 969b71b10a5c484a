"""The customer's own past: what was taken often and lately is likely to be taken again."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from shortlist_bundle.signals.past import Past, mixed
from shortlist_bundle.sources.scoreboard import SparseScores
from shortlist_bundle.state.batch import CustomerBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPast:
    """Decayed frequency of the customer's own items.

    Attributes:
        mix: weight of each half-life's decayed count, one per half-life of the `Past`; chosen on the tuning window.
    """

    name: ClassVar[str] = "own_past"
    mix: tuple[float, ...]

    def scoreboard(self, batch: CustomerBatch, past: Past) -> SparseScores:
        """See `Source.scoreboard`."""
        scores = mixed(past.decayed, np.asarray(self.mix, np.float32))
        return SparseScores(count=len(batch), width=past.width, keys=past.keys, scores=scores)
