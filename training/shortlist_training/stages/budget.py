"""Time to stay within."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TimeBudget:
    """A run's time: stages get shares of it, measured from the start of the run.

    Attributes:
        minutes: the whole; None for no limit.
        start: `time.monotonic()` at the start of the run.
    """

    minutes: float | None
    start: float = field(default_factory=time.monotonic)

    def until(self, share: float) -> float | None:
        """Return the `time.monotonic()` at which `share` of the budget is used up; None without a limit."""
        return None if self.minutes is None else self.start + 60.0 * self.minutes * share

    def rounds(self, wanted: int, seconds: float, *, until: float) -> int:
        """Return how many of the wanted rounds of so many seconds each fit before `until` of the budget, at least 1."""
        end = self.until(until)
        if end is None:
            return wanted
        return max(1, min(wanted, int((end - time.monotonic()) / max(seconds, 1e-6))))
