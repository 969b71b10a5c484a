"""What each item of a history adds to a source's score of another item.

A source that is a sum over the history can say it exactly. Whoever adds one gives it a method `contributions`
(`Contributes`, or `VectorsContribute` for the customer side of a vector space); a source without it has no such
reasons, and nothing else changes.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.signals.past import Past
from shortlist_bundle.state.batch import CustomerBatch

Float = NDArray[np.float32]
Items = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions:
    """A source's scores of B customers' k items, taken apart: what each voice adds, and what no voice explains.

    A voice is one distinct item of one customer's history. A score is the sum of its customer's voices and the rest.

    Attributes:
        width: number of items plus one.
        keys: int64 [P], `owner * width + item` of each voice, rising.
        amounts: float32 [P, k], what a voice adds to each of its customer's items; negative where it speaks against.
        rest: float32 [B, k].
    """

    width: int
    keys: NDArray[np.int64]
    amounts: Float
    rest: Float

    def __post_init__(self) -> None:
        if self.amounts.shape != (len(self.keys), self.rest.shape[1]):
            raise ValueError(f"{len(self.keys)} voices and rest {self.rest.shape} do not fit {self.amounts.shape}")

    def totals(self) -> Float:
        """Return the scores put together again, float32 [B, k]."""
        totals = self.rest.astype(np.float64)
        np.add.at(totals, self.keys // self.width, self.amounts)
        return totals.astype(np.float32)


@runtime_checkable
class Contributes(Protocol):
    """A source that can say which items of the history its scores come from."""

    def contributions(self, batch: CustomerBatch, past: Past, items: Items) -> Contributions:
        """Take the scores of some items apart.

        Args:
            batch: B customers at their moments.
            past: their own past per item.
            items: int32 [B, k], item rows; 0 is nobody and gets zeros.
        """
        ...


@runtime_checkable
class VectorsContribute(Protocol):
    """The customer side of a vector space that can say what its inner products come from."""

    def contributions(self, batch: CustomerBatch, past: Past, vectors: Float) -> Contributions:
        """Take the inner products with some items apart.

        Args:
            batch: B customers at their moments.
            past: their own past per item.
            vectors: float32 [B, k, D], the vectors of each customer's items.
        """
        ...


@compiled
def voiced_products(
    vectors: Float, keys: NDArray[np.int64], width: int, weights: Float, queries: NDArray[np.float32]
) -> Float:
    """Return what voices add to inner products, float32 [P, k].

    Args:
        vectors: float32 [N + 1, D], what an item of a history stands for.
        keys: int64 [P], `owner * width + item`.
        width: number of items plus one.
        weights: float32 [P, H], how much each voice counts in each head.
        queries: float32 [H, B, k, D], what each head's sum is multiplied with.
    """
    amounts = np.zeros((len(keys), queries.shape[2]), np.float32)
    for place in range(len(keys)):
        owner, item = keys[place] // width, keys[place] % width
        for head in range(queries.shape[0]):
            for column in range(queries.shape[2]):
                product = np.float32(0)
                for letter in range(vectors.shape[1]):
                    product += vectors[item, letter] * queries[head, owner, column, letter]
                amounts[place, column] += weights[place, head] * product
    return amounts
