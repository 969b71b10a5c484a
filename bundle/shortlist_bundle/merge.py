"""Several sources' shortlists made into one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.sources.scoreboard import Items


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
        bits = np.left_shift(1, np.arange(self.ranks.shape[2], dtype=np.int64))
        return ((self.ranks >= 0) * bits).sum(axis=2)


def merge(lists: Sequence[Items]) -> Candidates:
    """Merge the sources' lists, each int32 [B, depth] (depths may differ), best first, 0 where there is none."""
    stacked = np.concatenate(lists, axis=1)
    source_of = np.concatenate([np.full(items.shape[1], n) for n, items in enumerate(lists)])
    rank_of = np.concatenate([np.arange(items.shape[1]) for items in lists]).astype(np.int16)
    order = np.argsort(stacked, axis=1, kind="stable")
    ordered = np.take_along_axis(stacked, order, axis=1)
    first = ordered > 0
    first[:, 1:] &= ordered[:, 1:] != ordered[:, :-1]
    slots = np.cumsum(first, axis=1) - 1
    width = int(slots.max(initial=-1)) + 1
    rows, columns = np.nonzero(ordered)
    items = np.zeros((len(stacked), width), np.int32)
    ranks = np.full((len(stacked), width, len(lists)), -1, np.int16)
    slot, origin = slots[rows, columns], order[rows, columns]
    items[rows, slot] = ordered[rows, columns]
    ranks[rows, slot, source_of[origin]] = rank_of[origin]
    return Candidates(items=items, ranks=ranks)


def filled(candidates: Candidates, extra: Items) -> Candidates:
    """Add items that no source proposed, int32 [B, X], 0 where there is none."""
    nobody = np.full((*extra.shape, candidates.ranks.shape[2]), -1, np.int16)
    return Candidates(
        items=np.concatenate([candidates.items, extra], axis=1),
        ranks=np.concatenate([candidates.ranks, nobody], axis=1),
    )
