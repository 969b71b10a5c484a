"""Which items of the history pulled an item in, and with which share of its score, source by source."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.contributions import Contributes, Contributions, Float, Items, VectorsContribute
from shortlist_bundle.engine import Encoded, Retriever
from shortlist_bundle.sources.top import best_places

MOST = 3
"""Items of the history that are named for one item and source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulls:
    """The strongest voices behind B customers' k items in one source.

    A share is what something adds, divided by everything that adds: voices and rest that speak against an item are left
    out of both, so that shares lie in [0, 1] and those of all voices and of the rest sum to 1.

    Attributes:
        items: int32 [B, k, T], items of the history, largest share first, ties by item row, 0 where there are fewer.
        shares: float32 [B, k, T].
        history: float32 [B, k], share of the whole history; 0 where nothing speaks for the item.
        rest: float32 [B, k], share of what is not history.
    """

    items: Items
    shares: Float
    history: Float
    rest: Float


def pulls(retriever: Retriever, encoded: Encoded, items: Items, *, most: int = MOST) -> Mapping[str, Pulls]:
    """Return who pulled the items in, for every source that can say it.

    Args:
        retriever: the sources.
        encoded: B customers.
        items: int32 [B, k], item rows, 0 for none.
        most: voices to name for each item.
    """
    return {name: shared(one, most=most) for name, one in contributions(retriever, encoded, items).items()}


def contributions(retriever: Retriever, encoded: Encoded, items: Items) -> Mapping[str, Contributions]:
    """Return the sources' scores of the items taken apart, for every source that can do that."""
    batch, past, embedding = encoded.batch, encoded.past, retriever.embedding
    found: dict[str, Contributions] = {}
    for name, source in retriever.counting.items():
        if name in encoded.boards and isinstance(source, Contributes):
            found[name] = source.contributions(batch, past, items)
    if "two_tower" in encoded.boards:
        found["two_tower"] = retriever.tower.contributions(batch, past, retriever.tower_items.vectors[items])
    if "embedding" in encoded.boards and isinstance(embedding, VectorsContribute):
        found["embedding"] = embedding.contributions(batch, past, retriever.embedding_items.vectors[items])
    return found


def shared(parts: Contributions, *, most: int) -> Pulls:
    """Turn what the voices add into shares, and keep the strongest `most` voices of each item."""
    items, strongest, gains = _strongest(parts.keys, parts.amounts, parts.width, len(parts.rest), most)
    rest: Float = np.maximum(parts.rest, np.float32(0))
    total: Float = gains + rest
    total[total <= 0] = 1  # nothing speaks for the item, and every share is 0
    return Pulls(items=items, shares=strongest / total[..., None], history=gains / total, rest=rest / total)


@compiled
def _strongest(
    keys: NDArray[np.int64], amounts: Float, width: int, count: int, most: int
) -> tuple[Items, Float, Float]:
    """Return each item's strongest voices [B, k, T], what they add, and what all that add do, [B, k]."""
    listed = amounts.shape[1]
    items = np.zeros((count, listed, most), np.int32)
    strongest = np.zeros((count, listed, most), np.float32)
    gains = np.zeros((count, listed), np.float32)
    for owner in range(count):
        start, stop = np.searchsorted(keys, owner * width), np.searchsorted(keys, (owner + 1) * width)
        own = keys[start:stop] - owner * width
        for column in range(listed):
            added = np.maximum(amounts[start:stop, column], np.float32(0))
            gains[owner, column] = added.sum()
            if gains[owner, column] <= 0:
                continue
            best = best_places(own, added, most)
            for rank in range(len(best)):
                if added[best[rank]] > 0:
                    items[owner, column, rank] = own[best[rank]]
                    strongest[owner, column, rank] = added[best[rank]]
    return items, strongest, gains
