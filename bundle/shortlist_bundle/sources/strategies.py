"""How vectors are searched when only some items are allowed: which way is chosen, and what it looked at.

What is chosen depends on one customer's allowed items and on the index alone, so that a list is the same alone and in
a batch. The shares were measured: docs/decisions/0013-filters-by-selectivity.md, `benchmarks/filters.py`.
"""

from dataclasses import dataclass
from enum import Enum
from math import sqrt

GATHER_SHARE = 0.25
"""Without an index: where a smaller share is allowed, their rows are scored and not those of all items."""
SETTLING = 10.0
"""How much further than `visited / share` of the items a search of the lists goes until it has settled, counted in rows
that could have been gathered."""
OVER_FETCH_SHARE = 0.9
"""Where a larger share is allowed, the index is searched as it is, and what is not allowed is dropped from the result.
"""


class Strategy(Enum):
    """How the allowed items nearest to a customer are found."""

    EXACT = "exact"
    """Every item is scored, the allowed ones are kept."""
    GATHERED = "gathered"
    """The allowed items are gathered and scored, no other."""
    SELECTOR = "selector"
    """The index is searched with a bitmap of the allowed items, in as many lists as that takes."""
    OVER_FETCH = "over_fetch"
    """The index is searched for more than are wanted, and for still more while too few of them are allowed."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What one search came to.

    Attributes:
        strategy: how it was done.
        scanned: items that were looked at.
        survived: those of them that are allowed.
    """

    strategy: Strategy
    scanned: int
    survived: int

    def plus(self, other: "Effort") -> "Effort":
        """Return what two searches came to, under the strategy of this one."""
        return Effort(self.strategy, self.scanned + other.scanned, self.survived + other.survived)


def plan_without_index(share: float) -> Strategy:
    """Return how to search vectors without an index; `share` of the items is allowed, in [0, 1]."""
    return Strategy.GATHERED if share < GATHER_SHARE else Strategy.EXACT


def plan_with_lists(share: float, visited: float, *, over_fetch: bool = True) -> Strategy:
    """Return how to search an inverted file.

    Gathering costs `share` a row. A search of the lists costs about `SETTLING * visited / share`, since of each list
    only a share is allowed. The two meet where share**2 = SETTLING * visited.

    Args:
        share: of the items that is allowed, in [0, 1].
        visited: share of the lists that a search without a filter visits, in (0, 1].
        over_fetch: whether that may be the answer; not once it was tried.
    """
    if over_fetch and share >= OVER_FETCH_SHARE:
        return Strategy.OVER_FETCH
    return Strategy.GATHERED if share < sqrt(SETTLING * visited) else Strategy.SELECTOR


def plan_without_lists(share: float, *, over_fetch: bool = True) -> Strategy:
    """Return how to search any other index, such as a graph.

    Its own selector may be ignored (faiss#5504), and the deeper it is searched the less it finds of what there is.
    """
    return Strategy.OVER_FETCH if over_fetch and share >= OVER_FETCH_SHARE else Strategy.GATHERED
