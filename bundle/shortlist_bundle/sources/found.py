"""What one search among vectors found."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.sources.scoreboard import Scores
from shortlist_bundle.sources.strategies import Effort


@dataclass(frozen=True, slots=True)
class Found:
    """What one search found.

    Attributes:
        items: rows of the best allowed items, best first, ties by item row; int [n].
        scores: their inner products with the query, float32 [n].
        effort: what it took.
    """

    items: NDArray[np.integer]
    scores: Scores
    effort: Effort
