"""When each item can be had."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Availability:
    """From when until when.

    Attributes:
        start, end: float64 [N + 1], epoch seconds, -inf and +inf where open.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]

    @property
    def limited(self) -> bool:
        """Whether any item cannot always be had."""
        return not (np.isneginf(self.start).all() and np.isposinf(self.end).all())

    def at(self, moments: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return what can be had at each of B moments, epoch seconds: bool [B, N + 1]."""
        return (self.start <= moments[:, None]) & (moments[:, None] < self.end)
