"""Lists that the head learns from, each with what came of it so far."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.changes.change import ListShown
from shortlist_bundle.exploration.head import head_features
from shortlist_bundle.towers.layers import Float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One list: small, for thousands of them are kept; its features are worked out when they are needed.

    Attributes:
        customer_id: empty for someone without an id.
        moment: epoch seconds, when it was shown.
        places: item id -> where the item stands below.
        items: int32 [K], rows of the two-tower's items; what stands in a row never changes.
        chances, novelty: float64 [K].
        vector: float32 [D + 1], the customer's direction, and a 0.
        rewards: float64 [K], what came of each so far; changed as it comes.
        told: bool [K], whether anything came.
    """

    customer_id: str
    moment: float
    places: dict[str, int]
    items: NDArray[np.int32]
    chances: NDArray[np.float64]
    novelty: NDArray[np.float64]
    vector: Float
    rewards: NDArray[np.float64]
    told: NDArray[np.bool_]

    def features(self, vectors: Float) -> NDArray[np.float64]:
        """Return what the head saw, float64 [K, F], by the two-tower's items, float32 [N + 1, D + 1]."""
        return head_features(self.chances, self.vector, vectors[self.items], novelty=self.novelty)

    def rewarded(self, place: int, worth: float) -> float:
        """Note what an event was worth, and return by how much the item's reward has changed.

        An item has the reward of the best of its events, so that a click on the way to a purchase adds nothing.
        """
        before = float(self.rewards[place])
        after = max(before, worth) if self.told[place] else worth
        self.rewards[place], self.told[place] = after, True
        return after - before


def lesson_of(change: ListShown, rows: Sequence[int], width: int) -> Lesson | None:
    """Return the lesson of a list; None where it holds nothing that can be learnt from.

    Args:
        change: the list.
        rows: of its items, 0 for one that nobody knows any more; it is left out.
        width: D + 1, of the two-tower's vectors.
    """
    count = len(change.item_ids)
    numbers = np.array([*change.chances, *change.novelty, *change.vector], np.float64)
    if len(numbers) != 2 * count + width - 1 or not np.isfinite(numbers).all():
        return None
    places = {item: place for place, item in enumerate(change.item_ids) if rows[place]}
    known = np.array(list(places.values()), np.int64)
    if not len(known):
        return None
    return Lesson(
        customer_id=change.customer_id,
        moment=change.moment,
        places={item: place for place, item in enumerate(places)},
        items=np.array(rows, np.int32)[known],
        chances=numbers[:count][known],
        novelty=numbers[count : 2 * count][known],
        vector=np.append(numbers[2 * count :], 0.0).astype(np.float32),
        rewards=np.zeros(len(known)),
        told=np.zeros(len(known), np.bool_),
    )
