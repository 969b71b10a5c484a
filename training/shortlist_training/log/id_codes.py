"""Ids as small whole numbers: what is compared and counted often is compared and counted much faster so."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class IdCodes:
    """A column of ids of which none is missing, each distinct id a number.

    Attributes:
        codes: uint32 [E], the number of each row's id; they say nothing but which rows have the same one.
        distinct: the ids, String, in the order of `numbers`.
        numbers: uint32 [U], the number of each of these.
    """

    codes: NDArray[np.uint32]
    distinct: pl.Series
    numbers: NDArray[np.uint32]

    @classmethod
    def of(cls, ids: pl.Series) -> "IdCodes":
        """Give every distinct text of a String column a number."""
        # Numbers of its own, so that they start at 0 whatever else is numbered meanwhile.
        numbered = ids.cast(pl.Categorical(pl.Categories.random()))
        distinct = numbered.unique()
        return cls(
            codes=numbered.to_physical().to_numpy(),
            distinct=distinct.cast(pl.String),
            numbers=distinct.to_physical().to_numpy(),
        )

    def __len__(self) -> int:
        """Return how many distinct ids there are, U."""
        return len(self.distinct)

    def counts(self) -> NDArray[np.int64]:
        """Return how many rows have each of the `distinct` ids, int64 [U]."""
        return np.bincount(self.codes)[self.numbers] if len(self) else np.zeros(0, np.int64)

    def translated(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return int32 [E], for each row of the column what stands beside its id in `rows`, int32 [U]."""
        table = np.zeros(int(self.numbers.max(initial=0)) + 1, np.int32)
        table[self.numbers] = rows
        return table[self.codes]
