"""From scores to lists: the one protocol of all peers, and the part of it that most of them share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.task import Ints, Task

CHUNK_CELLS = 2**24
"""Customers times items that are scored at once."""
NOBODY = -1
"""Fills a list that is shorter than asked."""

Scores = Callable[[Ints], NDArray[np.floating]]
"""Customer rows [B] -> scores of all items [B, N], higher is better, -inf for items that must not be shown."""


class Fitted(Protocol):
    """A peer after its fit."""

    def lists(self, part: str) -> Ints:
        """Return every customer's list for one part of the task, int64 [M, k] of item rows, best first."""
        ...


Fit = Callable[[Task, int], Fitted]
"""`fit(task, seed)`: what every peer is."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A peer that scores the whole catalogue for any customer."""

    task: Task
    scores: Scores

    def lists(self, part: str) -> Ints:
        """See `Fitted.lists`."""
        task, seen_allowed = self.task, self.task.parts[part]
        count = len(task.customers)
        size = max(1, min(1024, CHUNK_CELLS // len(task.items)))
        found = np.full((count, task.k), NOBODY, np.int64)
        for start in range(0, count, size):
            rows = np.arange(start, min(start + size, count))
            scores = np.array(self.scores(rows), np.float64)
            if not seen_allowed:
                scores[task.matrix[rows].nonzero()] = -np.inf
            best = best_items(scores, task.k)
            found[rows, : best.shape[1]] = best
        return found


def best_items(scores: NDArray[np.floating], k: int) -> Ints:
    """Return the k best items of each row [B, N], best first, equal ones by row; `NOBODY` for a score of -inf."""
    k = min(k, scores.shape[1])
    # Of items that tie at the border, the partition keeps whichever; so what lies above it is found first.
    border = -np.partition(-scores, k - 1, axis=1)[:, k - 1 : k]
    order = np.empty((len(scores), k), np.int64)
    for row, (values, least) in enumerate(zip(scores, border[:, 0], strict=True)):
        candidates = np.flatnonzero(values >= least)
        order[row] = candidates[np.argsort(-values[candidates], kind="stable")][:k]
    shown = np.take_along_axis(scores, order, axis=1) > -np.inf
    return np.where(shown, order, NOBODY)
