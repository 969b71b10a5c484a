"""The order of a log's events: by customer, then by time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled

ALONE = -1
"""The number of no order."""


@dataclass(frozen=True, slots=True)
class Order:
    """Where the events of each customer come from.

    Attributes:
        rows: int64 [E], rows of the log by customer and time.
        offsets: int64 [M + 2], customer row m owns `rows[offsets[m]:offsets[m + 1]]`.
    """

    rows: NDArray[np.int64]
    offsets: NDArray[np.int64]


def order_by_time(
    owners: NDArray[np.int32], times: NDArray[np.float64], orders: NDArray[np.int64] | None, *, customers: int
) -> Order:
    """Sort each customer's events by time; equal times keep the order of the file.

    Args:
        owners: int32 [E], customer rows below `customers`.
        times: float64 [E], epoch seconds.
        orders: int64 [E], what was taken together has one number, `ALONE` is a line by itself; lines of one order at
            one moment come together where the first of them stands. None in a log without orders.
        customers: rows of customers, M + 1.
    """
    offsets = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=customers))]).astype(np.int64)
    rows = _sorted(owners, times, offsets)
    if orders is not None:
        _bring_together(rows, offsets, times, orders, int(orders.max(initial=ALONE)) + 1)
    return Order(rows, offsets)


@compiled
def _sorted(owners: NDArray[np.int32], times: NDArray[np.float64], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    # Laid out by customer first: what is then sorted is short, and lies in one place.
    rows, free = np.empty(len(owners), np.int64), offsets[:-1].copy()
    for row in range(len(owners)):
        rows[free[owners[row]]] = row
        free[owners[row]] += 1
    for owner in range(len(offsets) - 1):
        own = rows[offsets[owner] : offsets[owner + 1]]
        _sort_by(times[own], own)
    return rows


@compiled
def _bring_together(
    rows: NDArray[np.int64],
    offsets: NDArray[np.int64],
    times: NDArray[np.float64],
    orders: NDArray[np.int64],
    count: int,
) -> None:
    """Among events of one customer at one moment, move the lines of an order to where its first line stands."""
    first, met_from = np.empty(count, np.int64), np.full(count, -1, np.int64)
    for owner in range(len(offsets) - 1):
        start = offsets[owner]
        while start < offsets[owner + 1]:
            stop = start + 1
            while stop < offsets[owner + 1] and times[rows[stop]] == times[rows[start]]:
                stop += 1
            places = np.empty(stop - start, np.float64)
            for place in range(stop - start):
                order = orders[rows[start + place]]
                if order >= 0 and met_from[order] != start:
                    first[order], met_from[order] = place, start
                places[place] = first[order] if order >= 0 else place
            _sort_by(places, rows[start:stop])
            start = stop


@compiled
def _sort_by(keys: NDArray[np.float64], rows: NDArray[np.int64]) -> None:
    """Sort keys and rows by the keys, in place, stably: runs are merged that are twice as long each time."""
    spare_keys, spare_rows, width = np.empty_like(keys), np.empty_like(rows), 1
    while width < len(keys):
        for start in range(0, len(keys), 2 * width):
            middle, stop = min(start + width, len(keys)), min(start + 2 * width, len(keys))
            left, right = start, middle
            for place in range(start, stop):
                if left < middle and (right >= stop or keys[left] <= keys[right]):
                    spare_keys[place], spare_rows[place] = keys[left], rows[left]
                    left += 1
                else:
                    spare_keys[place], spare_rows[place] = keys[right], rows[right]
                    right += 1
        keys[:], rows[:] = spare_keys, spare_rows
        width *= 2
