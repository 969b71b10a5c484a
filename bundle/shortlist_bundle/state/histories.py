"""Histories of many customers as one ragged table of arrays."""

import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled

IntRows = NDArray[np.int32]
Offsets = NDArray[np.int64]
Seconds = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """What B customers have taken, oldest first within each customer.

    Attributes:
        offsets: int64 [B + 1]; customer b owns events `offsets[b]:offsets[b + 1]`.
        items: int32 [E], item rows, 0 for an item that the catalogue does not know.
        times: float64 [E], epoch seconds; zeros in a log without times.
        values: float32 [E], weights or quantities, positive.
    """

    offsets: Offsets
    items: IntRows
    times: Seconds
    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        events = len(self.items)
        if len(self.times) != events or len(self.values) != events or int(self.offsets[-1]) != events:
            raise ValueError(
                f"ragged arrays disagree: {events} items, {len(self.times)} times, offsets end at "
                f"{int(self.offsets[-1])}"
            )

    @property
    def strengths(self) -> NDArray[np.float32]:
        """How much each event counts, float32 [E] in (0, 1]: a view less than a taking, ten pieces no more than one."""
        return np.minimum(self.values, np.float32(1))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of events of each customer, int64 [B]."""
        return np.diff(self.offsets)

    @property
    def owners(self) -> NDArray[np.int64]:
        """The batch row that each event belongs to, int64 [E]."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @classmethod
    def empty(cls, count: int) -> Self:
        """Return histories of `count` customers who have taken nothing."""
        return cls(
            offsets=np.zeros(count + 1, np.int64),
            items=np.zeros(0, np.int32),
            times=np.zeros(0, np.float64),
            values=np.zeros(0, np.float32),
        )

    def take(self, rows: NDArray[np.integer]) -> Self:
        """Return the histories of `rows`, in that order; a row may be named more than once."""
        places: Offsets = np.asarray(rows, np.int64)
        offsets, items, times, values = _taken(self.offsets, self.items, self.times, self.values, places)
        return type(self)(offsets=offsets, items=items, times=times, values=values)

    def items_of(self, row: int) -> IntRows:
        """Return the items of one customer, int32, oldest first."""
        return self.items[self.offsets[row] : self.offsets[row + 1]]

    def until(self, moments: Seconds) -> "Histories":
        """Return the events up to each customer's moment, float64 [B]; the same object where nothing is later."""
        stops, later = _stops(self.offsets, self.times, moments)
        return self.slice(np.arange(len(self)), np.zeros(len(self), np.int64), stops) if later else self

    def slice(self, rows: NDArray[np.integer], starts: NDArray[np.integer], stops: NDArray[np.integer]) -> Self:
        """Return events `starts[j]:stops[j]` (positions within the customer) of customer `rows[j]`, for every j."""
        rows, starts, stops = (np.asarray(bound, np.int64) for bound in (rows, starts, stops))
        offsets, items, times, values = _sliced(self.offsets, self.items, self.times, self.values, rows, starts, stops)
        return type(self)(offsets=offsets, items=items, times=times, values=values)

    def last(self, limit: int) -> Self:
        """Return the newest `limit` events of each customer."""
        lengths = self.lengths
        return self.slice(np.arange(len(self)), np.maximum(lengths - limit, 0), lengths)

    def padded(self, width: int) -> IntRows:
        """Return the newest `width` items of each customer, newest first, 0 where there is none: int32 [B, width]."""
        index = self.offsets[1:, None] - 1 - np.arange(width)
        present = index >= self.offsets[:-1, None]
        if not len(self.items):
            return np.zeros((len(self), width), np.int32)
        return np.where(present, self.items[np.maximum(index, 0)], 0).astype(np.int32)

    def extended(self, other: "Histories") -> "Histories":
        """Return each customer's events followed by those of `other`, put in order of time (stable)."""
        owners = np.concatenate([self.owners, other.owners])
        times = np.concatenate([self.times, other.times])
        order = np.lexsort((times, owners))
        return Histories(
            offsets=self.offsets + other.offsets,
            items=np.concatenate([self.items, other.items])[order],
            times=times[order],
            values=np.concatenate([self.values, other.values])[order],
        )

    def followed(self, other: "Histories") -> "Histories":
        """Do as `extended`, where each customer's events of `other` are in order of time as well."""
        offsets, items, times, values = _followed(
            self.offsets, self.items, self.times, self.values, other.offsets, other.items, other.times, other.values
        )
        return Histories(offsets=offsets, items=items, times=times, values=values)

    def chunks(self, size: int) -> Iterator[tuple[builtins.slice, "Histories"]]:
        """Yield consecutive groups of at most `size` customers with the slice of rows they stand for."""
        for start in range(0, len(self), size):
            rows = np.arange(start, min(start + size, len(self)))
            yield slice(start, start + len(rows)), self.take(rows)


@compiled
def _taken(
    offsets: Offsets, items: IntRows, times: Seconds, values: NDArray[np.float32], rows: NDArray[np.int64]
) -> tuple[Offsets, IntRows, Seconds, NDArray[np.float32]]:
    starts, stops = np.zeros(len(rows), np.int64), np.empty(len(rows), np.int64)
    for place in range(len(rows)):
        row = rows[place]
        if row < 0 or row >= len(offsets) - 1:
            raise IndexError("a row is outside the histories")
        stops[place] = offsets[row + 1] - offsets[row]
    return _sliced(offsets, items, times, values, rows, starts, stops)


@compiled
def _stops(offsets: Offsets, times: Seconds, moments: Seconds) -> tuple[Offsets, bool]:
    """Return how many events of each customer are not later than the moment, and whether any is."""
    stops, later = np.empty(len(moments), np.int64), False
    for owner in range(len(moments)):
        first, stop = offsets[owner], offsets[owner + 1]
        while stop > first and times[stop - 1] > moments[owner]:
            stop -= 1
            later = True
        stops[owner] = stop - first
    return stops, later


@compiled
def _followed(
    offsets: Offsets,
    items: IntRows,
    times: Seconds,
    values: NDArray[np.float32],
    more_offsets: Offsets,
    more_items: IntRows,
    more_times: Seconds,
    more_values: NDArray[np.float32],
) -> tuple[Offsets, IntRows, Seconds, NDArray[np.float32]]:
    """Merge two histories of each customer; of equal times those of the first come first."""
    borders, size = offsets + more_offsets, len(items) + len(more_items)
    taken, when, how_much = np.empty(size, np.int32), np.empty(size, np.float64), np.empty(size, np.float32)
    place = 0
    for owner in range(len(offsets) - 1):
        own, more = offsets[owner], more_offsets[owner]
        while own < offsets[owner + 1] or more < more_offsets[owner + 1]:
            if more == more_offsets[owner + 1] or (own < offsets[owner + 1] and times[own] <= more_times[more]):
                taken[place], when[place], how_much[place] = items[own], times[own], values[own]
                own += 1
            else:
                taken[place], when[place], how_much[place] = more_items[more], more_times[more], more_values[more]
                more += 1
            place += 1
    return borders, taken, when, how_much


@compiled
def _sliced(
    offsets: Offsets,
    items: IntRows,
    times: Seconds,
    values: NDArray[np.float32],
    rows: NDArray[np.int64],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
) -> tuple[Offsets, IntRows, Seconds, NDArray[np.float32]]:
    borders = np.zeros(len(rows) + 1, np.int64)
    for place in range(len(rows)):
        borders[place + 1] = borders[place] + max(stops[place] - starts[place], 0)
    taken = np.empty(borders[-1], np.int32)
    when, how_much = np.empty(borders[-1], np.float64), np.empty(borders[-1], np.float32)
    for place in range(len(rows)):
        new = slice(borders[place], borders[place + 1])
        first = offsets[rows[place]] + starts[place]
        old = slice(first, first + borders[place + 1] - borders[place])
        taken[new], when[new], how_much[new] = items[old], times[old], values[old]
    return borders, taken, when, how_much
