"""A window: for each customer, what is given and what is asked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.state.histories import Histories


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Cut positions within each customer's events.

    Attributes:
        starts: int64 [M + 1]; events before it are given.
        stops: int64 [M + 1]; events from `starts` up to here are asked.
        as_of: float64 [M + 1], epoch seconds; the moment of asking, 0 without times.
    """

    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    as_of: NDArray[np.float64]

    @property
    def rows(self) -> NDArray[np.int64]:
        """Customers with something asked, int64 [J]."""
        return np.flatnonzero(self.stops > self.starts)

    def given(self, events: Histories, rows: NDArray[np.integer]) -> Histories:
        """Return what was known of `rows` at their moments."""
        return events.slice(rows, np.zeros(len(rows), np.int64), self.starts[rows])

    def asked(self, events: Histories, rows: NDArray[np.integer]) -> Histories:
        """Return what `rows` took in the window."""
        return events.slice(rows, self.starts[rows], self.stops[rows])


def window_mask(window: Window, events: Histories) -> NDArray[np.bool_]:
    """Return which events lie before the window's start, bool [E]: the log that a fit up to the window may see."""
    position = np.arange(len(events.items)) - events.offsets[events.owners]
    return position < window.starts[events.owners]
