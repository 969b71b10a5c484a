"""The time that a search may take."""

import time
from collections.abc import Callable, Sequence
from statistics import median


class Pace:
    """A budget that counts from when this is made.

    Args:
        minutes: the budget.
        clock: seconds that only rise; trials are measured by it, too.
    """

    def __init__(self, minutes: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.minutes, self.clock = minutes, clock
        self.start = clock()

    def allows(self, seconds: Sequence[float]) -> bool:
        """Tell whether one more trial would end in time, if it takes as long as the median of those so far.

        Args:
            seconds: of every trial so far; without any the first is always allowed.
        """
        left = self.start + 60.0 * self.minutes - self.clock()
        return not seconds or median(seconds) <= left
