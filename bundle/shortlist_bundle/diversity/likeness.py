"""How alike two items are: the cosine of what the catalogue says of them, or of their vectors where it says nothing.

The raw attributes come first. They are what a customer sees, they say the same after every training, and they hold for
items nobody has touched; vectors that were learnt from what is taken together put bread beside butter, which is no
repetition. They only stand in where a catalogue has no category column.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.grouping import Grouping, gathered

Float = NDArray[np.float32]


class Rows(NamedTuple):
    """Sparse unit vectors of K items; a named tuple because compiled loops read it whole.

    Attributes:
        offsets: int64 [K + 1], borders of each item's entries.
        traits: int32 [Z], which coordinates.
        weights: float32 [Z], their values.
        width: number of coordinates.
    """

    offsets: NDArray[np.int64]
    traits: NDArray[np.int32]
    weights: Float
    width: int


class Likeness(Protocol):
    """Tells how alike items are: the inner product of their rows, at most 1; an item without a row is like nothing."""

    def rows(self, items: NDArray[np.int32]) -> Rows:
        """Return the rows of K items, int32 [K]."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitLikeness:
    """Items by the values of their attributes: every column counts alike, and its values share its weight.

    Attributes:
        table: the rows of items 0..N.
    """

    table: Rows

    @classmethod
    def of(cls, columns: Mapping[str, Grouping]) -> "TraitLikeness":
        """Return the likeness by some columns, at least one."""
        counts = [np.diff(column.offsets) for column in columns.values()]
        if len(columns) == 1:
            # The rows are the column's own, and so is their memory: 12 bytes an item.
            (column,) = columns.values()
            shares = np.repeat(1.0 / np.sqrt(np.maximum(counts[0], 1)), counts[0]).astype(np.float32)
            return cls(table=Rows(column.offsets, column.groups, shares, column.width))
        known = np.stack([count > 0 for count in counts]).sum(axis=0)
        owners, traits, weights, width = [], [], [], 0
        for column, count in zip(columns.values(), counts, strict=True):
            owner = np.repeat(np.arange(len(count)), count)
            owners.append(owner)
            traits.append(column.groups + np.int32(width))
            # A column's part is a unit vector, and all parts together are one again.
            weights.append(1.0 / np.sqrt(count[owner] * known[owner]))
            width += column.width
        order = np.argsort(np.concatenate(owners), kind="stable")
        borders = np.concatenate([[0], np.cumsum(np.sum(counts, axis=0))]).astype(np.int64)
        return cls(
            table=Rows(
                borders, np.concatenate(traits)[order].astype(np.int32),
                np.concatenate(weights)[order].astype(np.float32), width,
            )
        )  # fmt: skip

    def rows(self, items: NDArray[np.int32]) -> Rows:
        """See `Likeness.rows`."""
        table = self.table
        offsets, traits = gathered(table.offsets, table.traits, items)
        return Rows(offsets, traits, gathered(table.offsets, table.weights, items)[1], table.width)


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorLikeness:
    """Items by learnt vectors.

    Attributes:
        vectors: float32 [N + 1, D].
    """

    vectors: Float

    def rows(self, items: NDArray[np.int32]) -> Rows:
        """See `Likeness.rows`."""
        count, width = len(items), self.vectors.shape[1]
        vectors = self.vectors[items]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
        traits = np.tile(np.arange(width, dtype=np.int32), count)
        return Rows(np.arange(count + 1, dtype=np.int64) * width, traits, unit.ravel(), width)


class NoLikeness:
    """Of a bundle that says nothing of its items: none is like another."""

    def rows(self, items: NDArray[np.int32]) -> Rows:
        """See `Likeness.rows`."""
        return Rows(np.zeros(len(items) + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32), 0)


@compiled
def fill_likeness(place: int, rows: Rows, spread: Float, found: Float) -> None:
    """Write how alike every row and that at `place` are into `found`, float32 [K].

    Args:
        place: of the one item.
        rows: K items.
        spread: float32 [width], zeros, and zeros again afterwards.
        found: written.
    """
    for entry in range(rows.offsets[place], rows.offsets[place + 1]):
        spread[rows.traits[entry]] = rows.weights[entry]
    fill_products(rows, spread, found)
    for entry in range(rows.offsets[place], rows.offsets[place + 1]):
        spread[rows.traits[entry]] = np.float32(0)


@compiled
def fill_products(rows: Rows, vector: Float, found: Float) -> None:
    """Write the inner product of every row with a dense vector, float32 [width], into `found`, float32 [K]."""
    for other in range(len(rows.offsets) - 1):
        total = np.float32(0)
        for entry in range(rows.offsets[other], rows.offsets[other + 1]):
            total += rows.weights[entry] * vector[rows.traits[entry]]
        found[other] = total
