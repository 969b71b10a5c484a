"""Segments: the customers who share one value of one feature, or a range of one number."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.features.encoded import EncodedFeatures

NONE = -1
"""No segment: the value is missing, unseen, or shared by too few."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segments:
    """Which segments a customer belongs to, by the encoded features alone; segments are numbered from 0.

    Attributes:
        edges: float32 [Q, E], rising borders between the ranges of each of the Q numbers; the largest float32 fills up.
        ranges: int32 [Q, E + 1], the segment of each range, `NONE` for none.
        bags: names of the columns of categories that are looked at.
        starts: int64 [W], for each place of these bags side by side, where its column begins in `values`.
        values: int32 [V], the segment of each code of each column, `NONE` for none.
    """

    edges: NDArray[np.float32]
    ranges: NDArray[np.int32]
    bags: tuple[str, ...]
    starts: NDArray[np.int64]
    values: NDArray[np.int32]

    def of(self, features: EncodedFeatures) -> NDArray[np.int32]:
        """Return the segments of B customers, int32 [B, Q + W], `NONE` where a feature says nothing."""
        codes = [features.bags[name] for name in self.bags]
        beside = np.concatenate(codes, axis=1) if codes else np.zeros((len(features), 0), np.int32)
        return _segments(features.numbers, self.edges, self.ranges, beside, self.starts, self.values)


@compiled
def _segments(
    numbers: NDArray[np.float32],
    edges: NDArray[np.float32],
    ranges: NDArray[np.int32],
    codes: NDArray[np.int32],
    starts: NDArray[np.int64],
    values: NDArray[np.int32],
) -> NDArray[np.int32]:
    found = np.full((len(numbers), len(edges) + len(starts)), np.int32(NONE), np.int32)
    for row in range(len(numbers)):
        for column in range(len(edges)):
            # Each number stands beside the flag that says it is missing.
            if numbers[row, 2 * column + 1] == 0:
                place = np.searchsorted(edges[column], numbers[row, 2 * column], side="right")
                found[row, column] = ranges[column, place]
        for place in range(len(starts)):
            found[row, len(edges) + place] = values[starts[place] + codes[row, place]]
    return found
