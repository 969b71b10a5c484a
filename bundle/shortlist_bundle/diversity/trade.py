"""What variety may cost: the chance of each candidate, and what a list's distance is worth in takings.

A method that weighs takings against distance needs both on a scale of their own. Where training has learnt them, a
chance is the calibrated probability that an item is taken, so that a customer of whom much is known keeps the list and
one of whom little is known gets a varied one; elsewhere chances are shares of the list and the scale is a default.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.diversity.method import standardised

LENGTH = 20
"""Items of the list that scales are learnt on."""
DEFAULT_SCALE = 0.6
"""Of shares, where nothing was learnt: a little below what cost 1 % of nDCG in a year of grocery shopping."""

Chances = Callable[[NDArray[np.float32]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What a list is weighed by.

    Attributes:
        chances: scores float32 [K], highest first, to how likely each item is to be taken, float64 [K], at least 0 and
            never rising.
        scale: takings that a mean distance of 1 is worth at strength 0.5 in a list of 20, above 0.
    """

    chances: Chances
    scale: float


def shares(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return a softmax of standardised scores, float64 [K], in which the best 20 have 1 together.

    Relative to the customer's own list, because nothing says how likely the best of it is; and the same for scores on
    any scale, because not even that is known of them.
    """
    weights = np.exp(standardised(scores))
    return weights / weights[:LENGTH].sum() if len(weights) else weights


BY_SHARES = Trade(chances=shares, scale=DEFAULT_SCALE)
"""Where nothing was learnt, and where scores are no logits."""
