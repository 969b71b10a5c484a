"""When each item can be had."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_bundle import columns as names


@dataclass(frozen=True, slots=True)
class Availability:
    """From when until when.

    Attributes:
        start, end: float64 [N + 1], epoch seconds, -inf and +inf where open.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]

    @classmethod
    def of(cls, table: pl.DataFrame) -> Self:
        """Read the ends from the table of items, a row for each item row; a column that is not there is open."""
        return cls(_ends(table, names.AVAILABLE_FROM, -np.inf), _ends(table, names.AVAILABLE_UNTIL, np.inf))

    @property
    def limited(self) -> bool:
        """Whether any item can not always be had."""
        return not (np.isneginf(self.start).all() and np.isposinf(self.end).all())

    def at(self, moments: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return what can be had at each of B moments, epoch seconds: bool [B, N + 1]."""
        return (self.start <= moments[:, None]) & (moments[:, None] < self.end)


def _ends(table: pl.DataFrame, name: str, open_end: float) -> NDArray[np.float64]:
    if name not in table.columns:
        return np.full(len(table), open_end)
    return table[name].cast(pl.Float64).fill_null(open_end).to_numpy().copy()
