"""What is popular: the same list for everybody, less what each has taken."""

import numpy as np

from benchmarks.peers.lists import Fitted, Scored
from benchmarks.peers.task import Ints, Task

RECENT_DAYS = 28
DAY = 86_400.0


def popularity(task: Task, seed: int) -> Fitted:
    """Count the customers who have ever taken an item. No settings."""
    return _for_everybody(task, task.owners, task.taken)


def recent_popularity(task: Task, seed: int) -> Fitted:
    """Count the customers who have taken an item in the last 28 days of the log: four whole weeks."""
    moments = task.moments()
    recent = moments > moments.max() - RECENT_DAYS * DAY
    return _for_everybody(task, task.owners[recent], task.taken[recent])


def _for_everybody(task: Task, owners: Ints, taken: Ints) -> Fitted:
    width = len(task.items)
    takers = np.bincount(np.unique(owners * width + taken) % width, minlength=width).astype(np.float64)
    return Scored(task, lambda rows: np.broadcast_to(takers, (len(rows), width)))
