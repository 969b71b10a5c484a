"""Windows over what a log holds beyond what a bundle has learnt from: nothing in them was seen before."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.state.histories import Histories
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.split.plan import SCORER_EVENTS, WINDOWS, SplitKind, asked_at
from shortlist_training.split.window import Window

STEPS = 48
"""Borders of the item counts, a quarter of a window apart: counts are whole at the moment at which a window asks."""
STEPS_OF_WINDOW = 4
MOST = 1 + SCORER_EVENTS


def windows_since(dataset: Dataset, seen: NDArray[np.int64], kind: SplitKind) -> tuple[Window, ...]:
    """Cut what is news into windows, oldest first: the newest is judged on, the ones before it teach the scorer.

    They are cut as those of a training from scratch are, by time, by each customer's last events or by shares, but
    none reaches back into what was seen. News of less than two steps of time make one window alone, and no news none.

    Args:
        dataset: the log, what was seen first.
        seen: int64 [M + 1], events of each customer that are no news.
        kind: how to cut.
    """
    lengths = dataset.events.lengths
    if not (lengths > seen).any():
        return ()
    if kind is SplitKind.TIME and dataset.has_times:
        windows = _by_time(dataset, seen)
    elif kind is SplitKind.LAST or dataset.has_times:
        windows = _by_last(dataset, seen)
    else:
        windows = _by_halves(dataset, seen)
    return tuple(window for window in windows if len(window.rows))


def _by_time(dataset: Dataset, seen: NDArray[np.int64]) -> list[Window]:
    events, (start, end) = dataset.events, dataset.span()
    owners = events.owners
    known = np.arange(len(owners)) - events.offsets[owners] < seen[owners]
    last = float(events.times[known].max(initial=start))
    if end <= last:
        # What is new lies among what is old: it came late.
        return _by_last(dataset, seen)
    borders = np.linspace(start, end, STEPS + 1)
    steps = int(np.count_nonzero(borders > last)) - 1
    if steps < 2:
        stops = events.lengths
        return [
            Window(starts=_before(events, np.nextafter(last, np.inf)), stops=stops, as_of=np.full(len(stops), last))
        ]
    count = int(np.clip(round(steps / STEPS_OF_WINDOW), 2, MOST))
    size = min(steps // count, STEPS_OF_WINDOW)
    begins = borders[STEPS - size * np.arange(count, 0, -1)]
    ends = [*begins[1:], np.inf]
    return [
        Window(starts=_before(events, a), stops=_before(events, b), as_of=np.full(len(events), a))
        for a, b in zip(begins, ends, strict=True)
    ]


def _before(events: Histories, moment: float) -> NDArray[np.int64]:
    return np.bincount(events.owners, weights=events.times < moment, minlength=len(events)).astype(np.int64)


def _by_last(dataset: Dataset, seen: NDArray[np.int64]) -> list[Window]:
    """Cut each customer's newest events one by one; nobody is asked about who has no past."""
    windows, stops = [], dataset.events.lengths
    lengths, first = stops, np.maximum(seen, 1)
    for _ in range(1 + MOST):
        asked = (lengths > WINDOWS) & (stops - 1 >= first)
        starts = stops - asked
        windows.append(Window(starts=starts, stops=stops, as_of=asked_at(dataset, starts)))
        stops = starts
    return windows[::-1]


def _by_halves(dataset: Dataset, seen: NDArray[np.int64]) -> list[Window]:
    """Cut each customer's news in two; without times no half is the newer one."""
    lengths = dataset.events.lengths
    first = np.where(lengths > WINDOWS, np.minimum(np.maximum(seen, 1), lengths), lengths)
    middle = first + (lengths - first) // 2
    parts = ((first, middle), (middle, lengths))
    return [Window(starts=a, stops=b, as_of=asked_at(dataset, a)) for a, b in parts]
