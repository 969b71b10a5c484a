"""The axes of the content space: an item's features -> its place among the others.

Each column makes a block of a sparse row, each cell the root of how much a value surprises; the rows' leading singular
axes are kept. See `shortlist_training.retrieval.content`, which finds the axes and places every item by this very code.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.towers.layers import Float, unit

REACH = 3.0
"""Numbers lie between this many scales below the mean and as many above; further out they are taken for the end."""
LEAST = 1e-4
"""What the kept axes hold less of is as good as unknown: its direction would be rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BagAxes:
    """A column of categories or text.

    Attributes:
        first: codes below it stand for no value, or for all rare ones.
        surprise: float32 [codes], what a code tells, 0 for one that nobody has or everybody.
        axes: float32 [codes, D], where a cell of the code points to.
    """

    first: int
    surprise: NDArray[np.float32]
    axes: Float


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentAxes:
    """Place items by their features.

    Attributes:
        width: D.
        numbers: int64 [Q], which of the encoder's numbers tell items apart.
        number_axes: float32 [Q, 2, D], where the cosine and the sine of a number's angle point to.
        bags: columns of categories and text, by name.
    """

    width: int
    numbers: NDArray[np.int64]
    number_axes: Float
    bags: Mapping[str, BagAxes]

    def __call__(self, features: EncodedFeatures) -> Float:
        """Return float32 [B, D] of length 1, zeros for an item of which nothing is known that would tell it apart."""
        total = np.zeros((len(features), self.width), np.float32)
        square = np.zeros(len(features), np.float32)
        for number, axes in zip(self.numbers, self.number_axes, strict=True):
            cells = angle_cells(features.numbers[:, 2 * number : 2 * number + 2])
            total += cells @ axes
            square += np.square(cells).sum(axis=1)
        for name, bag in self.bags.items():
            codes = features.bags[name]
            told = codes >= bag.first
            lengths = np.maximum(np.count_nonzero(told, axis=1), 1)[:, None]
            cells = np.where(told, np.sqrt(bag.surprise[codes] / lengths), 0).astype(np.float32)
            total += np.einsum("bw,bwd->bd", cells, bag.axes[codes])
            square += np.square(cells).sum(axis=1)
        placed = np.asarray(total / np.sqrt(np.maximum(square, 1e-24))[:, None], np.float32)
        placed[np.linalg.norm(placed, axis=1) < LEAST] = 0
        return unit(placed)


def angle_cells(pair: NDArray[np.float32]) -> Float:
    """Return a number as an angle, so that an inner product is the cosine of how far apart two are; float32 [B, 2].

    Args:
        pair: float32 [B, 2], the standardised number, and whether it is missing; zeros come back for one that is.
    """
    angle = np.clip(pair[:, 0], -REACH, REACH) * (np.pi / 2 / REACH)
    there = 1.0 - pair[:, 1]
    return (np.stack([np.cos(angle), np.sin(angle)], axis=1) * there[:, None]).astype(np.float32)
