"""Time to stay within."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TimeBudget:
    """A run's time: stages get shares of it, measured from the start of the run.

    Attributes:
        minutes: the whole; None for no limit.
        start: of the run, by the clock.
        clock: seconds that only rise.
    """

    minutes: float | None
    start: float = field(default_factory=time.monotonic)
    clock: Callable[[], float] = time.monotonic

    def until(self, share: float) -> float | None:
        """Return the moment at which `share` of the budget is used up; None without a limit."""
        return None if self.minutes is None else self.start + 60.0 * self.minutes * share

    def over(self, share: float) -> bool:
        """Tell whether `share` of the budget is used up: then what can be left out is left out."""
        end = self.until(share)
        return end is not None and self.clock() >= end

    def rounds(self, wanted: int, seconds: float, *, until: float) -> int:
        """Return how many of the wanted rounds of so many seconds each fit before `until` of the budget, at least 1."""
        return self.count(wanted, seconds, until=until, fewest=1)

    def count(self, wanted: int, seconds: float, *, until: float, fewest: int) -> int:
        """Return how many of what is wanted can be done before `until` of the budget.

        Args:
            wanted: at most so many.
            seconds: that each takes, as measured so far.
            until: share of the budget.
            fewest: so many even if there is no time for them.
        """
        end = self.until(until)
        if end is None:
            return wanted
        return min(wanted, max(fewest, int((end - self.clock()) / max(seconds, 1e-6))))
