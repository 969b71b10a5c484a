"""Tables that grow at their end, while whoever reads them keeps what they were given."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST_ROOM = 1_024
SPARE_SHARE = 8
"""A table that is full gets room for an eighth more: few copies, and little memory that is not used."""


class GrowingRows:
    """A table with room behind its last row.

    A row that was handed out never changes: new ones come behind it, and to change an old one copies the table.

    Args:
        table: [N, ...]; it is not copied until something is added, and never changed.
    """

    def __init__(self, table: NDArray[Any]) -> None:
        self._room = table
        self._count = len(table)
        self._own = False

    def __len__(self) -> int:
        return self._count

    @property
    def table(self) -> NDArray[Any]:
        """The rows so far, a view that stays as it is."""
        self._own = False
        return self._room[: self._count]

    def append(self, rows: NDArray[Any]) -> None:
        """Add rows [n, ...] at the end."""
        count = self._count + len(rows)
        if count > len(self._room):
            spare = max(count // SPARE_SHARE, LEAST_ROOM)
            room = np.zeros((count + spare, *self._room.shape[1:]), self._room.dtype)
            room[: self._count] = self._room[: self._count]
            self._room = room
        self._room[self._count : count] = rows
        self._count = count

    def set(self, row: int | NDArray[np.integer], value: Any) -> None:
        """Change one row, or several."""
        if not self._own:
            # Others hold what was handed out.
            self._room = self._room.copy()
            self._own = True
        self._room[row] = value


class GrowingColumns:
    """A table [T, N] whose last axis grows by zeros. What is handed out is the whole room, in one piece.

    Args:
        table: [T, N]; it is not copied until something is added, and never changed.
    """

    def __init__(self, table: NDArray[Any]) -> None:
        self.room = table
        self._count = table.shape[1]

    def append(self, columns: NDArray[Any]) -> None:
        """Add columns [T, n] at the end."""
        count = self._count + columns.shape[1]
        if count > self.room.shape[1]:
            spare = max(count // SPARE_SHARE, LEAST_ROOM)
            room = np.zeros((len(self.room), count + spare), self.room.dtype)
            room[:, : self._count] = self.room[:, : self._count]
            self.room = room
        self.room[:, self._count : count] = columns
        self._count = count

    def add(self, row: int, columns: NDArray[np.integer], amounts: NDArray[Any]) -> None:
        """Add amounts to some columns of one row, in a copy: others hold what was handed out."""
        self.room = self.room.copy()
        np.add.at(self.room[row], columns, amounts)
