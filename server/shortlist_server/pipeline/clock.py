"""What 'now' is for a request that does not say."""

import time
from enum import Enum

from shortlist_bundle.state.clock import Clock
from shortlist_server.pipeline.reply import ClockUsed


class ClockPolicy(Enum):
    """Where `as_of` comes from when a request brings none."""

    LIVE = "live"
    LOG_END = "log_end"


def moment(as_of: float | None, policy: ClockPolicy, clock: Clock) -> tuple[float, ClockUsed]:
    """Return the moment of a request in epoch seconds, and where it came from."""
    if as_of is not None:
        return as_of, ClockUsed.REQUEST
    if policy is ClockPolicy.LOG_END:
        return clock.log_end, ClockUsed.LOG_END
    return time.time(), ClockUsed.LIVE
