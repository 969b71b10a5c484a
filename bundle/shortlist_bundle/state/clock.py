"""What "now" means: every feature that depends on time is computed from one moment per customer."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.state.histories import Histories


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The range of time that training has seen.

    Attributes:
        has_times: whether the log has timestamps at all; without them every moment is 0.
        log_start: epoch seconds of the first event.
        log_end: epoch seconds of the last event.
        idle_limit: seconds; how long after a customer's last event training has asked for a list. A later request is
            answered as if it came then, so that no feature leaves the range the models know.
    """

    has_times: bool
    log_start: float
    log_end: float
    idle_limit: float

    def moments(self, as_of: NDArray[np.float64], history: Histories) -> NDArray[np.float64]:
        """Return the moment each customer's features are computed at, float64 [B] epoch seconds."""
        if not self.has_times:
            return np.zeros(len(history), np.float64)
        return _moments(as_of, history.offsets, history.times, self.log_start, self.log_end, self.idle_limit)

    def shifted(
        self, times: NDArray[np.float64], offsets: NDArray[np.int64], as_of: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return when events happened within the time that training has seen, in the same order, float64 [E].

        Nothing happened after the moment that is asked of. Where that comes later than anything that training has seen,
        what happened after the log keeps its distance to it, but never falls behind the log's end.

        Args:
            times: float64 [E], epoch seconds.
            offsets: int64 [B + 1], borders of each customer's events.
            as_of: float64 [B], the moments that are asked of.
        """
        if not self.has_times:
            return np.zeros(len(times), np.float64)
        return _shifted(times, offsets, as_of, self.log_start, self.log_end, self.idle_limit)

    def to_json(self) -> dict[str, float | bool]:
        """Return the clock as plain JSON."""
        return {
            "has_times": self.has_times,
            "log_start": self.log_start,
            "log_end": self.log_end,
            "idle_limit": self.idle_limit,
        }

    @classmethod
    def from_json(cls, document: dict[str, float | bool]) -> Self:
        """Build the clock that `to_json` wrote."""
        return cls(
            has_times=bool(document["has_times"]),
            log_start=float(document["log_start"]),
            log_end=float(document["log_end"]),
            idle_limit=float(document["idle_limit"]),
        )


@compiled
def _moments(
    as_of: NDArray[np.float64],
    offsets: NDArray[np.int64],
    times: NDArray[np.float64],
    log_start: float,
    log_end: float,
    idle_limit: float,
) -> NDArray[np.float64]:
    moments = np.empty(len(as_of), np.float64)
    for owner in range(len(as_of)):
        now = min(max(as_of[owner], log_start), log_end + idle_limit)
        if offsets[owner + 1] > offsets[owner]:
            last = times[offsets[owner + 1] - 1]
            now = max(min(now, last + idle_limit), last)
        moments[owner] = now
    return moments


@compiled
def _shifted(
    times: NDArray[np.float64],
    offsets: NDArray[np.int64],
    as_of: NDArray[np.float64],
    log_start: float,
    log_end: float,
    idle_limit: float,
) -> NDArray[np.float64]:
    found, end = np.empty(len(times), np.float64), log_end + idle_limit
    for owner in range(len(as_of)):
        for event in range(offsets[owner], offsets[owner + 1]):
            moment = min(times[event], as_of[owner])
            if moment > log_end:
                moment = max(moment - max(as_of[owner] - end, 0.0), log_end)
            found[event] = min(max(moment, log_start), end)
    return found
