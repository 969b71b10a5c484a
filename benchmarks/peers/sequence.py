"""What is taken soon after what: neighbours that know the order of events."""

import numpy as np
from scipy import sparse

from benchmarks.peers.lists import Fitted, Scored
from benchmarks.peers.task import Task

WINDOW, GAP, NEWEST, STEP = 8, 0.85, 20, 0.9


def sequential_item_knn(task: Task, seed: int) -> Fitted:
    """Score what follows soon after the customer's newest items.

    In the manner of the sequential rules of Ludewig and Jannach 2018, "Evaluation of session-based recommendation
    algorithms", https://arxiv.org/abs/1803.09587, over a customer's whole log. Settings: pairs up to 8 steps apart,
    each step more counts 0.85 of the one before; cosine-normalised; the newest 20 items, each 0.9 of the next newer.
    """
    task.moments()
    follow, newest = successors(task), newest_items(task)
    return Scored(task, lambda rows: (newest[rows] @ follow).toarray())


def successors(task: Task) -> sparse.csr_matrix:
    """Return how often and how soon item j follows item i, over the root of both counts, float64 [N, N]."""
    count = len(task.items)
    total = sparse.csr_matrix((count, count))
    for lag in range(1, WINDOW + 1):
        same = task.owners[lag:] == task.owners[:-lag]
        before, after = task.taken[:-lag][same], task.taken[lag:][same]
        weights = np.full(len(before), GAP ** (lag - 1))
        total = total + sparse.csr_matrix((weights, (before, after)), shape=(count, count))
    total.setdiag(0)
    scale = sparse.diags_array(1.0 / np.sqrt(np.maximum(np.bincount(task.taken, minlength=count), 1)))
    return sparse.csr_matrix(scale @ total @ scale)


def newest_items(task: Task) -> sparse.csr_matrix:
    """Return each customer's newest items, the newest with weight 1, float64 [M, N]."""
    ends = np.searchsorted(task.owners, np.arange(len(task.customers)), side="right")
    age = ends[task.owners] - 1 - np.arange(len(task.owners))
    new = age < NEWEST
    shape = (len(task.customers), len(task.items))
    return sparse.csr_matrix((STEP ** age[new], (task.owners[new], task.taken[new])), shape=shape)
