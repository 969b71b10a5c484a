"""How far the numbers of an attribute reach, so that a difference of price can be weighed against one of age."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TAIL = 0.05
"""Share of the catalogue beyond either end of the robust range: one wrong price must not stretch the scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The least and the largest value, and the robust range between the 5th and the 95th percentile."""

    lowest: float
    low: float
    high: float
    highest: float


NOTHING = Scale(lowest=0.0, low=0.0, high=0.0, highest=0.0)


def scale_of(values: NDArray[np.float64]) -> Scale:
    """Return the scale of an attribute's values, float64 [N + 1], NaN where not known; row 0 is nobody's."""
    known = values[1:][~np.isnan(values[1:])]
    if not len(known):
        return NOTHING
    # Percentiles that are values of some item: with few items, anything between them would be nobody's.
    low, high = np.quantile(known, [TAIL, 1.0 - TAIL], method="nearest")
    return Scale(lowest=float(known.min()), low=float(low), high=float(high), highest=float(known.max()))
