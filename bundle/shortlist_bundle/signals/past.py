"""A customer's own past, summed up per thing: how often, how long ago, how regularly."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.state.histories import Histories

Float = NDArray[np.float32]

MARKED = 64
"""Things are marked where there are at most so many times as many of them as events, and sorted otherwise."""


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
    owners, ages, weights = _aged(history.offsets, history.times, history.values, now, _rates(half_lives))
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
    keys, counts, decayed, since, gap = _summed(
        events.owners, np.asarray(things, np.int32), events.times, events.ages, events.weights, width
    )
    return Past(width=width, keys=keys, counts=counts, decayed=decayed, since=since, gap=gap)


@compiled
def mixed(decayed: Float, mix: Float) -> Float:
    """Return decayed counts, float32 [P, H], summed over the half-lives by their weights, float32 [H]; float32 [P].

    Things that were taken alike come out alike to the last bit, so that the order of their rows decides between them; a
    library's matrix product rounds them by their place in a block.
    """
    sums = np.zeros(len(decayed), np.float32)
    for place in range(len(decayed)):
        for half_life in range(len(mix)):
            sums[place] += decayed[place, half_life] * mix[half_life]
    return sums


@cache
def _rates(half_lives: tuple[float, ...]) -> Float:
    """Return the exponents of 2 for a second's age, float32 [H]."""
    return np.array([-1.0 / life for life in half_lives], np.float32)


@compiled
def _aged(
    offsets: NDArray[np.int64], times: NDArray[np.float64], values: Float, now: NDArray[np.float64], rates: Float
) -> tuple[NDArray[np.int64], NDArray[np.float64], Float]:
    owners, ages = np.empty(len(times), np.int64), np.empty(len(times))
    weights = np.empty((len(times), len(rates)), np.float32)
    for owner in range(len(now)):
        for event in range(offsets[owner], offsets[owner + 1]):
            owners[event], ages[event] = owner, max(now[owner] - times[event], 0.0)
            strength = min(values[event], np.float32(1))
            for half_life in range(len(rates)):
                weights[event, half_life] = np.exp2(np.float32(ages[event]) * rates[half_life]) * strength
    return owners, ages, weights


@compiled
def _summed(
    owners: NDArray[np.int64],
    things: NDArray[np.int32],
    times: NDArray[np.float64],
    ages: NDArray[np.float64],
    weights: Float,
    width: int,
) -> tuple[NDArray[np.int64], Float, Float, Float, Float]:
    events = len(owners)
    keys = np.empty(events, np.int64)
    counts, since, gap = np.zeros(events, np.float32), np.zeros(events, np.float32), np.zeros(events, np.float32)
    decayed = np.zeros((events, weights.shape[1]), np.float32)
    first, last, moments = np.empty(events), np.empty(events), np.zeros(events, np.int64)
    # A mark for each thing of a large catalogue would cost more than sorting a short history.
    marked = width <= MARKED * events
    place_of = np.zeros(width if marked else 1, np.int32)
    own, size, start = np.empty(events, np.int64), 0, 0
    while start < events:
        stop, before = start, size
        while stop < events and owners[stop] == owners[start]:
            thing = things[stop]
            if marked and thing and not place_of[thing]:
                place_of[thing] = 1
                own[size] = thing
                size += 1
            stop += 1
        if marked:
            own[before:size].sort()
        else:
            for thing in np.sort(things[start:stop]):
                if thing and (size == before or own[size - 1] != thing):
                    own[size] = thing
                    size += 1
        for place in range(before, size):
            if marked:
                place_of[own[place]] = place
            keys[place] = owners[start] * width + own[place]
        for event in range(start, stop):
            if not things[event]:
                continue
            thing = things[event]
            place = place_of[thing] if marked else before + np.searchsorted(own[before:size], thing)
            if not counts[place]:
                first[place] = times[event]
            elif times[event] > last[place]:
                moments[place] += 1
            last[place], since[place] = times[event], ages[event]
            counts[place] += 1
            for half_life in range(weights.shape[1]):
                decayed[place, half_life] += weights[event, half_life]
        for place in range(before, size):
            if marked:
                place_of[own[place]] = 0
            gap[place] = (last[place] - first[place]) / max(moments[place], 1)
        start = stop
    return keys[:size].copy(), counts[:size].copy(), decayed[:size].copy(), since[:size].copy(), gap[:size].copy()
