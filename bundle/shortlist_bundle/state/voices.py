"""Which items of a history have a say, and how much: the newest most."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.state.histories import Histories

Voices = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Keys `owner * width + item`, rising, and how much each counts."""


def voices(history: Histories, *, width: int, length: int, fade: float, by_moment: bool) -> Voices:
    """Return the newest items of B customers and how much each counts.

    Args:
        history: oldest first; an item that was taken several times counts as its newest taking.
        width: number of items plus one.
        length: newest events that have a say.
        fade: what an item counts after one step more, in (0, 1].
        by_moment: whether what was taken at one moment is one step, as in a basket; else every event is a step.

    Returns:
        Keys `owner * width + item`, int64 [P], rising, and what each counts, float32 [P].
    """
    return _voices(history.offsets, history.items, history.times, width, length, fade, by_moment)


@compiled
def _voices(
    offsets: NDArray[np.int64],
    items: NDArray[np.int32],
    times: NDArray[np.float64],
    width: int,
    length: int,
    fade: float,
    by_moment: bool,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    keys, strength = np.empty(len(items), np.int64), np.empty(len(items), np.float32)
    newest, counts, filled = np.empty(length, np.int64), np.empty(length, np.float32), 0
    for owner in range(len(offsets) - 1):
        size, step = 0, 0
        stop = offsets[owner + 1]
        for event in range(stop - 1, max(offsets[owner], stop - length) - 1, -1):
            if event < stop - 1 and not (by_moment and times[event] == times[event + 1]):
                step += 1
            if items[event]:
                newest[size], counts[size] = items[event], fade**step
                size += 1
        previous = 0
        # The order of equal items is that of the steps, and the first of them is the newest.
        for place in np.argsort(newest[:size] * length + np.arange(size)):
            if newest[place] != previous:
                previous = newest[place]
                keys[filled], strength[filled] = owner * width + previous, counts[place]
                filled += 1
    return keys[:filled], strength[:filled]
