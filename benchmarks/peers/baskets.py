"""TIFU-kNN: what a customer has bought often and lately, and what the customers like them have."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.peers.lists import Fitted, Scored
from benchmarks.peers.task import Ints, Task

NEIGHBOURS, GROUPS, IN_GROUP, BETWEEN_GROUPS, OWN_SHARE = 300, 7, 0.9, 0.7, 0.7


def tifu_knn(task: Task, seed: int) -> Fitted:
    """Fit TIFU-kNN (Hu et al. 2020, https://arxiv.org/abs/2006.00556).

    Settings: the paper's for Ta-Feng: 300 neighbours, 7 groups, decay 0.9 within a group and 0.7 between groups, 0.7 of
    the score from the customer's own baskets. A basket is an order where the log knows orders, a moment elsewhere.
    """
    own = frequencies(task)
    square = np.asarray(own.multiply(own).sum(axis=1)).ravel()
    count = min(NEIGHBOURS, len(task.customers) - 1)

    def scores(rows: Ints) -> NDArray[np.float64]:
        mine = own[rows]
        distances = square[None, :] - 2 * (mine @ own.T).toarray() + square[rows, None]
        distances[np.arange(len(rows)), rows] = np.inf
        near = np.argpartition(distances, count - 1, axis=1)[:, :count]
        owners = np.repeat(np.arange(len(rows)), count)
        shares = np.full(near.size, 1.0 / count)
        average = sparse.csr_matrix((shares, (owners, near.ravel())), shape=distances.shape)
        return (OWN_SHARE * mine + (1 - OWN_SHARE) * (average @ own)).toarray()

    return Scored(task, scores)


def frequencies(task: Task) -> sparse.csr_matrix:
    """Return each customer's personalised item frequencies, float64 [M, N].

    Baskets form up to 7 groups of equal size in order of time. A basket's weight falls from the group's newest to its
    oldest, a group's from the newest to the oldest; both are averaged.
    """
    baskets, owners = _baskets(task)
    width = len(task.items)
    pairs = np.unique(baskets * width + task.taken)
    basket, item = pairs // width, pairs % width
    weights = _basket_weights(owners)
    return sparse.csr_matrix(
        (weights[basket], (owners[basket], item)), shape=(len(task.customers), width), dtype=np.float64
    )


def _baskets(task: Task) -> tuple[Ints, Ints]:
    """Return the basket of each event [E], numbered by customer and time, and the owner of each basket."""
    moments = task.moments()
    marks = moments if task.orders is None else task.orders
    first = np.ones(len(marks), np.bool_)
    first[1:] = (marks[1:] != marks[:-1]) | (task.owners[1:] != task.owners[:-1])
    return np.cumsum(first) - 1, task.owners[first]


def _basket_weights(owners: Ints) -> NDArray[np.float64]:
    weights = np.empty(len(owners))
    starts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]])
    for start, stop in zip(starts, np.r_[starts[1:], len(owners)], strict=True):
        count = int(stop - start)
        groups = min(GROUPS, count)
        borders = np.linspace(0, count, groups + 1).round().astype(int)
        for group, (low, high) in enumerate(pairwise(borders)):
            within = IN_GROUP ** np.arange(high - low)[::-1] / (high - low)
            weights[start + low : start + high] = within * BETWEEN_GROUPS ** (groups - 1 - group) / groups
    return weights
