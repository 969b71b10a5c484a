"""Several sources' shortlists made into one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.scoreboard import Items

MARKED = 64
"""Where a catalogue has more than so many times as many items as the lists, they are not marked but sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The merged shortlist of B customers.

    Attributes:
        items: int32 [B, K], distinct item rows, rising, 0 where a customer has fewer than K.
        ranks: int16 [B, K, S], rank of the item in each source's list (0 is best), -1 where it did not propose it.
    """

    items: Items
    ranks: NDArray[np.int16]

    @property
    def masks(self) -> NDArray[np.int64]:
        """Bit j is set where source j proposed the item, int64 [B, K]."""
        return source_masks(self.ranks)

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many each customer has, int64 [B]."""
        return present(self.items)


def merge(lists: Sequence[Items]) -> Candidates:
    """Merge the sources' lists, each int32 [B, depth] (depths may differ), best first, 0 where there is none."""
    stacked = np.concatenate(lists, axis=1)
    borders = np.array([0, *accumulate(items.shape[1] for items in lists)])
    items, ranks, width = _merged(stacked, borders)
    return Candidates(items=items[:, :width], ranks=ranks[:, :width])


@compiled
def source_masks(ranks: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return for each item, ranks int16 [B, K, S], the sources that proposed it: bit j is set for source j."""
    masks = np.zeros(ranks.shape[:2], np.int64)
    for row in range(ranks.shape[0]):
        for column in range(ranks.shape[1]):
            for source in range(ranks.shape[2]):
                masks[row, column] |= np.int64(ranks[row, column, source] >= 0) << source
    return masks


@compiled
def present(items: Items) -> NDArray[np.int64]:
    """Return how many entries of each row, int32 [B, K], are items and not 0."""
    counts = np.zeros(len(items), np.int64)
    for row in range(items.shape[0]):
        for column in range(items.shape[1]):
            counts[row] += items[row, column] != 0
    return counts


@compiled
def rows_with_fewer(items: Items, least: float) -> NDArray[np.int64]:
    """Return which rows, int32 [B, K], have fewer items than so many, rising."""
    rows, size = np.empty(len(items), np.int64), 0
    for row in range(items.shape[0]):
        count = 0
        for column in range(items.shape[1]):
            count += items[row, column] != 0
        rows[size] = row
        size += count < least
    return rows[:size]


@compiled
def _merged(stacked: Items, borders: NDArray[np.int64]) -> tuple[Items, NDArray[np.int16], int]:
    """Return items and ranks as wide as all lists together, and how many columns of them are used."""
    count, width, sources = len(stacked), stacked.shape[1], len(borders) - 1
    largest = 0
    for row in range(count):
        for column in range(width):
            largest = max(largest, stacked[row, column])
    items = np.zeros((count, width), np.int32)
    ranks = np.full((count, width, sources), np.int16(-1), np.int16)
    if largest > MARKED * width:
        return _merged_by_sorting(stacked, borders)
    slots = np.zeros(largest + 1, np.int32)
    widest = 0
    for row in range(count):
        size = 0
        for column in range(width):
            item = stacked[row, column]
            if item and not slots[item]:
                slots[item] = 1
                items[row, size] = item
                size += 1
        items[row, :size].sort()
        for slot in range(size):
            slots[items[row, slot]] = slot
        for source in range(sources):
            for column in range(borders[source], borders[source + 1]):
                item = stacked[row, column]
                if item:
                    ranks[row, slots[item], source] = column - borders[source]
        for slot in range(size):
            slots[items[row, slot]] = 0
        widest = max(widest, size)
    return items, ranks, widest


@compiled
def _merged_by_sorting(stacked: Items, borders: NDArray[np.int64]) -> tuple[Items, NDArray[np.int16], int]:
    """Do the same without a mark for every item of a large catalogue."""
    count, width, sources = len(stacked), stacked.shape[1], len(borders) - 1
    items = np.zeros((count, width), np.int32)
    ranks = np.full((count, width, sources), np.int16(-1), np.int16)
    widest = 0
    for row in range(count):
        size = 0
        for item in np.sort(stacked[row]):
            if item and (not size or items[row, size - 1] != item):
                items[row, size] = item
                size += 1
        own = items[row, :size]
        for source in range(sources):
            for column in range(borders[source], borders[source + 1]):
                item = stacked[row, column]
                if item:
                    ranks[row, np.searchsorted(own, item), source] = column - borders[source]
        widest = max(widest, size)
    return items, ranks, widest


def filled(candidates: Candidates, extra: Items) -> Candidates:
    """Add items that no source proposed, int32 [B, X], 0 where there is none."""
    nobody = np.full((*extra.shape, candidates.ranks.shape[2]), -1, np.int16)
    return Candidates(
        items=np.concatenate([candidates.items, extra], axis=1),
        ranks=np.concatenate([candidates.ranks, nobody], axis=1),
    )
