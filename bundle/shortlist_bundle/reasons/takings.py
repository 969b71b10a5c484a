"""How often the customer has taken an item before, how long ago, and how regularly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.contributions import Float, Items
from shortlist_bundle.signals.past import Past


@dataclass(frozen=True, slots=True, kw_only=True)
class Takings:
    """The customers' own past of B customers' k items.

    Attributes:
        counts: int64 [B, k], how often it was taken; 0 for never.
        since: float32 [B, k], seconds since the last time; 0 for never, and in a log without times.
        gap: float32 [B, k], mean seconds between distinct moments; 0 where there was at most one.
    """

    counts: NDArray[np.int64]
    since: Float
    gap: Float


def takings(past: Past, items: Items) -> Takings:
    """Look B customers' items up in their own past."""
    if not len(past.keys):
        nothing = np.zeros(items.shape, np.float32)
        return Takings(counts=np.zeros(items.shape, np.int64), since=nothing, gap=nothing)
    wanted = np.arange(len(items))[:, None] * past.width + items
    places = np.minimum(np.searchsorted(past.keys, wanted), len(past.keys) - 1)
    there = (past.keys[places] == wanted) & (items > 0)
    return Takings(
        counts=np.where(there, past.counts[places], 0).astype(np.int64),
        since=np.where(there, past.since[places], np.float32(0)),
        gap=np.where(there, past.gap[places], np.float32(0)),
    )
