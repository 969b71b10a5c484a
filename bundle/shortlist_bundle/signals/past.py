"""A customer's own past, summed up per thing: how often, how long ago, how regularly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.state.histories import Histories

Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One row per (customer, thing) pair, sorted by customer and then thing. A thing is an item or a category.

    Attributes:
        width: number of distinct things plus one; `keys = owner * width + thing`.
        keys: int64 [P], ascending.
        counts: float32 [P], number of events.
        decayed: float32 [P, H], events halved every half-life up to now.
        since: float32 [P], seconds from the last event to now.
        gap: float32 [P], mean seconds between distinct moments at which it was taken; 0 if only once.
    """

    width: int
    keys: NDArray[np.int64]
    counts: Float
    decayed: Float
    since: Float
    gap: Float

    @property
    def owners(self) -> NDArray[np.int64]:
        """Batch row of each pair, int64 [P]."""
        return self.keys // self.width

    @property
    def things(self) -> NDArray[np.int64]:
        """Item row or category code of each pair, int64 [P]."""
        return self.keys % self.width

    def find(self, things: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Look up things [B, K], row b in customer b's past.

        Returns:
            Positions into the pairs, int64 [B, K], and whether the pair exists; where it does not, the position is 0.
        """
        keys = np.arange(len(things), dtype=np.int64)[:, None] * self.width + things
        if not len(self.keys):
            return np.zeros(keys.shape, np.int64), np.zeros(keys.shape, np.bool_)
        position = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        found = self.keys[position] == keys
        return np.where(found, position, 0), found


def sum_up(
    history: Histories,
    now: NDArray[np.float64],
    half_lives: tuple[float, ...],
    *,
    things: NDArray[np.integer],
    width: int,
) -> Past:
    """Sum up histories per (customer, thing).

    Args:
        history: B customers' events, oldest first.
        now: float64 [B], epoch seconds.
        half_lives: H half-lives in seconds; infinity counts without decay.
        things: int [E], what each event is about; 0 is left out.
        width: larger than every thing.
    """
    owners = history.owners
    keys = owners * width + things
    keep = np.flatnonzero(things)
    order = keep[np.argsort(keys[keep], kind="stable")]
    keys, times = keys[order], history.times[order]
    ages = np.maximum(now[owners[order]] - times, 0.0)
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    if not len(starts):
        empty = np.zeros(0, np.float32)
        return Past(
            width=width,
            keys=np.zeros(0, np.int64),
            counts=empty,
            decayed=np.zeros((0, len(half_lives)), np.float32),
            since=empty,
            gap=empty,
        )
    stops = np.concatenate([starts[1:], [len(keys)]])
    weights = np.exp2(-ages[:, None] / np.asarray(half_lives)[None, :])
    later = np.concatenate([[0], (times[1:] > times[:-1]) & (keys[1:] == keys[:-1])])
    repeats = np.add.reduceat(later, starts)
    span = times[stops - 1] - times[starts]
    return Past(
        width=width,
        keys=keys[starts],
        counts=(stops - starts).astype(np.float32),
        decayed=np.add.reduceat(weights, starts, axis=0).astype(np.float32),
        since=ages[stops - 1].astype(np.float32),
        gap=(span / np.maximum(repeats, 1)).astype(np.float32),
    )
