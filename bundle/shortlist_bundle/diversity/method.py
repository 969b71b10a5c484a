"""What every method of diversification does."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.diversity.likeness import Likeness
from shortlist_bundle.diversity.rules import Rules

ROUNDING = 1e-6
"""Scores that lie closer together than this, relative to their size, are the same score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The candidates of one list.

    Attributes:
        items: int32 [K], item rows, highest score first, ties by row.
        relevance: float64 [K], standardised scores: mean 0 and deviation 1, so that a strength means the same on every
            scale.
        chances: float64 [K], how likely each is to be taken, on the scale of the list's `Trade`; zeros for methods that
            do not weigh them.
        likeness: how alike items are.
        history: int32 [H], what the customer has taken.
        strengths: float32 [H], how much each of it counts.
    """

    items: NDArray[np.int32]
    relevance: NDArray[np.float64]
    chances: NDArray[np.float64]
    likeness: Likeness
    history: NDArray[np.int32]
    strengths: NDArray[np.float32]


class Method(Protocol):
    """Picks a list."""

    def __call__(self, pool: Pool, rules: Rules, *, strength: float, k: int) -> NDArray[np.int64]:
        """Return the places of `k` candidates in the order of the list, int64 [k].

        Args:
            pool: K candidates, at least k.
            rules: who may come next: `next_place` keeps them, `take_place` uses their room up.
            strength: 0 (relevance alone) to 1 (variety alone).
            k: length of the list.
        """
        ...


def standardised(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return scores with mean 0 and deviation 1, float64 [K]; zeros where they are equal but for rounding."""
    if not len(scores):
        return np.zeros(0)
    exact = scores.astype(np.float64)
    centred = exact - exact.mean()
    deviation = float(np.sqrt(np.mean(centred**2)))
    return centred / deviation if deviation > ROUNDING * max(np.abs(exact).max(), 1.0) else np.zeros(len(scores))
