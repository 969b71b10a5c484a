"""What one customer has taken since the snapshot: a few events in order of time."""

from bisect import insort
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.changes.log import Position
from shortlist_bundle.state.histories import Histories


class Taking(NamedTuple):
    """One event of a history; the order of the fields is the order of events.

    Attributes:
        time: epoch seconds, 0 in a log without times.
        position: of the event in the log, which decides between equal times.
        item: its row, above 0.
        value: weight or quantity, positive.
    """

    time: float
    position: Position
    item: int
    value: float


Takings: TypeAlias = tuple[Taking, ...]
"""Of one customer, oldest first."""


class Trained(NamedTuple):
    """What a customer had taken when the snapshot was made, oldest first.

    Attributes:
        items: int32 [E], item rows, 0 for an item that the catalogue does not know.
        times: float64 [E], epoch seconds.
    """

    items: NDArray[np.int32]
    times: NDArray[np.float64]


def with_taking(takings: Takings, taking: Taking) -> Takings:
    """Return the events with one more, in its place."""
    if not takings or takings[-1] < taking:
        return (*takings, taking)
    events = list(takings)
    insort(events, taking)
    return tuple(events)


def as_histories(customers: Sequence[Takings]) -> Histories:
    """Return the events of B customers as arrays."""
    events = [taking for takings in customers for taking in takings]
    return Histories(
        offsets=np.array([0, *accumulate(map(len, customers))], np.int64),
        items=np.array([taking.item for taking in events], np.int32),
        times=np.array([taking.time for taking in events], np.float64),
        values=np.array([taking.value for taking in events], np.float32),
    )
