"""What counts as right: the distinct items of a window, all of them or only those new to the customer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.state.histories import Histories
from shortlist_training.split.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Targets of J judged customers.

    Attributes:
        rows: int64 [J], customer rows, each with at least one target.
        width: number of items plus one.
        keys: int64 [P], `j * width + item`, ascending and distinct.
        sizes: int64 [J], targets of each customer.
    """

    rows: NDArray[np.int64]
    width: int
    keys: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def hits(self, items: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return which items of the lists [J, k] are targets; item 0 never is."""
        if not len(self.keys):
            return np.zeros(items.shape, np.bool_)
        keys = np.arange(len(self.rows), dtype=np.int64)[:, None] * self.width + items
        position = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return (self.keys[position] == keys) & (items > 0)

    def take(self, index: NDArray[np.integer]) -> "Targets":
        """Return the targets of some of the customers, by their place, in that order; one may be named twice."""
        starts = np.concatenate([[0], np.cumsum(self.sizes)])[index]
        sizes = self.sizes[index]
        ends = np.cumsum(sizes)
        places = np.arange(sizes.sum()) + np.repeat(starts - (ends - sizes), sizes)
        owners = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
        keys = owners * self.width + self.keys[places] % self.width
        return Targets(rows=self.rows[index], width=self.width, keys=keys, sizes=sizes)

    def sample(self, limit: int, seed: int) -> "Targets":
        """Return at most `limit` of the customers, chosen by seed."""
        if len(self.rows) <= limit:
            return self
        chosen = np.sort(np.random.default_rng(seed).choice(len(self.rows), limit, replace=False))
        number = np.full(len(self.rows), -1, np.int64)
        number[chosen] = np.arange(limit)
        owners = number[self.keys // self.width]
        keys = owners * self.width + self.keys % self.width
        return Targets(rows=self.rows[chosen], width=self.width, keys=keys[owners >= 0], sizes=self.sizes[chosen])


def window_targets(events: Histories, window: Window, *, width: int, only_new: bool) -> Targets:
    """Return a window's targets.

    Args:
        events: every customer's events.
        window: given and asked.
        width: number of items plus one.
        only_new: leave out what the customer had taken before the window.
    """
    asked = window.rows
    taken = _keys(window.asked(events, asked), width)
    if only_new:
        taken = np.setdiff1d(taken, _keys(window.given(events, asked), width), assume_unique=True)
    sizes = np.bincount(taken // width, minlength=len(asked))
    judged = np.flatnonzero(sizes)
    number = np.full(len(asked), -1, np.int64)
    number[judged] = np.arange(len(judged))
    keys = number[taken // width] * width + taken % width
    return Targets(rows=asked[judged], width=width, keys=keys, sizes=sizes[judged])


def _keys(histories: Histories, width: int) -> NDArray[np.int64]:
    keys = np.unique(histories.owners * width + histories.items)
    return keys[keys % width > 0]
