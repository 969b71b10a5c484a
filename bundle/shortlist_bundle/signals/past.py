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


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedEvents:
    """The events of B histories with their ages: worked out once, summed up per item and per category.

    Attributes:
        owners: int64 [E], batch rows.
        times: float64 [E], epoch seconds.
        ages: float64 [E], seconds before now.
        weights: float32 [E, H], each event's strength halved every half-life up to now.
    """

    owners: NDArray[np.int64]
    times: NDArray[np.float64]
    ages: NDArray[np.float64]
    weights: Float


def age_events(history: Histories, now: NDArray[np.float64], half_lives: tuple[float, ...]) -> AgedEvents:
    """Return the ages and decayed weights of B customers' events.

    Args:
        history: B customers' events, oldest first.
        now: float64 [B], epoch seconds.
        half_lives: H half-lives in seconds; infinity counts without decay.
    """
    owners = history.owners
    ages = np.maximum(now[owners] - history.times, 0.0)
    rates = (-1.0 / np.asarray(half_lives)).astype(np.float32)
    weights = np.exp2(ages.astype(np.float32)[:, None] * rates) * history.strengths[:, None]
    return AgedEvents(owners=owners, times=history.times, ages=ages, weights=weights)


def sum_up(
    history: Histories,
    now: NDArray[np.float64],
    half_lives: tuple[float, ...],
    *,
    things: NDArray[np.integer],
    width: int,
) -> Past:
    """Sum up histories per (customer, thing): `age_events`, then `sum_up_things`."""
    return sum_up_things(age_events(history, now, half_lives), things=things, width=width)


def sum_up_things(events: AgedEvents, *, things: NDArray[np.integer], width: int) -> Past:
    """Sum up events per (customer, thing).

    Args:
        events: of B customers, oldest first within each.
        things: int [E], what each event is about; 0 is left out.
        width: larger than every thing.
    """
    keys = events.owners * width + things
    order = np.argsort(keys, kind="stable")
    keys, things = keys[order], things[order]
    if not things.all():
        order, keys = order[things > 0], keys[things > 0]
    if not len(keys):
        empty = np.zeros(0, np.float32)
        none = np.zeros((0, events.weights.shape[1]), np.float32)
        return Past(width=width, keys=np.zeros(0, np.int64), counts=empty, decayed=none, since=empty, gap=empty)
    times = events.times[order]
    same = keys[1:] == keys[:-1]
    starts = np.concatenate([[0], np.flatnonzero(~same) + 1])
    stops = np.concatenate([starts[1:], [len(keys)]])
    later = np.zeros(len(keys), np.int64)
    later[1:] = (times[1:] > times[:-1]) & same
    repeats = np.add.reduceat(later, starts)
    span = times[stops - 1] - times[starts]
    return Past(
        width=width,
        keys=keys[starts],
        counts=(stops - starts).astype(np.float32),
        decayed=np.add.reduceat(events.weights[order], starts, axis=0),
        since=events.ages[order[stops - 1]].astype(np.float32),
        gap=(span / np.maximum(repeats, 1)).astype(np.float32),
    )
