"""What every counting source has in common. A new source is a file beside this one, a fit and a packing."""

from typing import Protocol

from shortlist_bundle.signals.past import Past
from shortlist_bundle.sources.scoreboard import Scoreboard
from shortlist_bundle.state.batch import CustomerBatch


class Source(Protocol):
    """Proposes candidates from counts alone, without a trained model."""

    def scoreboard(self, batch: CustomerBatch, past: Past) -> Scoreboard:
        """Return the source's scores for a batch.

        Args:
            batch: B customers at their moments.
            past: their own past per item.
        """
        ...
