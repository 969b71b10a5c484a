"""What each arm answered in the last seconds, counted: how many, how many badly, how many slowly."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_BINS = 160
_SHORTEST = 1e-4
_GROWTH = 1.08
"""A bin of latency is so much wider than the one before it: 160 of them reach from 0.1 ms to 20 s."""


@dataclass(slots=True)
class Counts:
    """What one arm answered in some time.

    Attributes:
        requests: answered or refused; those turned away for overload or lateness are left out.
        errors: refused, for whatever reason.
        empty: answered with a list without items.
        slowness: int64 [160], requests by the logarithm of the seconds they took.
    """

    requests: int = 0
    errors: int = 0
    empty: int = 0
    slowness: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_BINS, np.int64))

    def add(self, other: "Counts") -> None:
        """Take in what another has counted."""
        self.requests += other.requests
        self.errors += other.errors
        self.empty += other.empty
        self.slowness += other.slowness

    def slower_than(self, seconds: float) -> int:
        """Return how many took longer, to the precision of a bin."""
        return int(self.slowness[bin_of(seconds) + 1 :].sum())

    def percentile(self, share: float) -> float:
        """Return the seconds within which this share was answered; 0 where nothing was."""
        total = int(self.slowness.sum())
        if not total:
            return 0.0
        place = int(np.searchsorted(np.cumsum(self.slowness), share * total))
        return _SHORTEST * _GROWTH ** min(place, _BINS - 1)


def bin_of(seconds: float) -> int:
    """Return the bin of a latency."""
    return int(np.clip(np.ceil(np.log(max(seconds, _SHORTEST) / _SHORTEST) / np.log(_GROWTH)), 0, _BINS - 1))


class Window:
    """The last seconds of one arm, in parts of a second; older parts fall out. Safe to use from many threads.

    Args:
        seconds: that count.
        now: the clock.
    """

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._parts: deque[tuple[float, Counts]] = deque()
        self._lock = threading.Lock()

    def note(self, seconds: float, outcomes: Sequence[str]) -> None:
        """Count requests that were answered together: each is '' for well, 'empty' or 'error'."""
        began = float(int(self._now()))
        with self._lock:
            if not self._parts or self._parts[-1][0] != began:
                self._parts.append((began, Counts()))
            counts = self._parts[-1][1]
            counts.requests += len(outcomes)
            counts.errors += sum(one == "error" for one in outcomes)
            counts.empty += sum(one == "empty" for one in outcomes)
            counts.slowness[bin_of(seconds)] += len(outcomes)

    def counts(self) -> Counts:
        """Return what was counted in the last seconds."""
        found, oldest = Counts(), self._now() - self._seconds
        with self._lock:
            while self._parts and self._parts[0][0] < oldest:
                self._parts.popleft()
            for _, part in self._parts:
                found.add(part)
        return found
