"""Which events of a history belong together, and how much: what pairs of items are counted by."""

from dataclasses import dataclass

BASKETS = 4
"""Where whole baskets are taken, so many times as many events are looked at: a step is a basket, not an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Which events belong together, and how much.

    Attributes:
        reach: events to either side of one that belong to it.
        gap: what a pair counts for each step more between the two.
        back: what a pair counts for what came earlier; 1 where order says nothing, 0 where only what follows matters.
    """

    reach: int
    gap: float
    back: float

    def events(self, *, by_moment: bool) -> int:
        """Return how many events to either side are looked at, where a step is a moment or an event."""
        return self.reach * (BASKETS if by_moment else 1)
