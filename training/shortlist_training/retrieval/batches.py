"""A window's customers as the engine wants them."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.clock import Clock
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.split.window import Window

CHUNK_CELLS = 2**24
"""Customers times items that a chunk's masks may have."""


def window_batches(
    dataset: Dataset, window: Window, rows: NDArray[np.int64], clock: Clock
) -> Iterator[tuple[slice, CustomerBatch]]:
    """Yield the customers of `rows` in chunks, each as they were at the window's start."""
    size = int(np.clip(CHUNK_CELLS // dataset.item_rows, 1, 256))
    for start in range(0, len(rows), size):
        chunk = rows[start : start + size]
        history = window.given(dataset.events, chunk)
        yield (
            slice(start, start + len(chunk)),
            CustomerBatch(
                rows=chunk.astype(np.int32),
                features=dataset.customer_features.take(chunk),
                history=history,
                now=clock.moments(window.as_of[chunk], history),
                context=_context(dataset, window, chunk),
            ),
        )


def _context(dataset: Dataset, window: Window, rows: NDArray[np.int64]) -> EncodedFeatures | None:
    """Return the context of the first event that is asked of each customer: what the request would have said."""
    if dataset.context_features is None:
        return None
    first = dataset.events.offsets[rows] + window.starts[rows]
    return dataset.context_features.take(np.minimum(first, len(dataset.events.items) - 1))


def training_clock(dataset: Dataset, window: Window, *, typical: float) -> Clock:
    """Return the clock of a log.

    Args:
        dataset: the log.
        window: whose customers show how long after their last event a list is asked for.
        typical: the quantile of those gaps that becomes the limit.
    """
    start, end = dataset.span()
    rows = window.rows
    rows = rows[window.starts[rows] > 0]
    if not dataset.has_times or not len(rows):
        return Clock(has_times=dataset.has_times, log_start=start, log_end=end, idle_limit=max(end - start, 0.0))
    events = dataset.events
    last = events.times[events.offsets[rows] + window.starts[rows] - 1]
    limit = float(np.quantile(window.as_of[rows] - last, typical))
    return Clock(has_times=True, log_start=start, log_end=end, idle_limit=max(limit, 0.0))
