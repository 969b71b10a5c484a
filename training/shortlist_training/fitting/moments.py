"""The moments of a log: every time at which something was taken, with what came before as the history."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_training.dataset.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Training examples: at event `positions[j]` of the log, everything earlier of that customer is history.

    Attributes:
        customers: int64 [E'], customer rows.
        positions: int64 [E'], where the targets begin in the log's event arrays.
        stops: int64 [E'], where they end.
    """

    customers: NDArray[np.int64]
    positions: NDArray[np.int64]
    stops: NDArray[np.int64]


def find_moments(dataset: Dataset, limits: NDArray[np.int64], *, targets: int) -> Moments:
    """Return every moment before each customer's limit at which something was taken.

    What was taken together (one order) is asked together, with what came before the order as history. In a log
    without times the next few events of the shuffled history are asked together.

    Args:
        dataset: the log.
        limits: int64 [M + 1], events of each customer that the fit may see.
        targets: at most so many events are asked at one moment without times.
    """
    events, steps = dataset.events, dataset.steps
    owners = events.owners
    index = np.arange(len(owners))
    inside = index - events.offsets[owners] < limits[owners]
    new = np.ones(len(owners), np.bool_)
    new[1:] = (owners[1:] != owners[:-1]) | (steps[1:] != steps[:-1])
    positions = np.flatnonzero(new & inside)
    customers = owners[positions]
    ends = events.offsets[customers] + np.minimum(limits, events.lengths)[customers]
    if dataset.has_times:
        following = np.concatenate([np.flatnonzero(new), [len(owners)]])
        stops = following[np.searchsorted(following, positions, side="right")]
    else:
        stops = positions + targets
    return Moments(customers=customers, positions=positions, stops=np.minimum(stops, ends))
