"""Neighbours by the cosine of who took what, found by `implicit`."""

import numpy as np
from implicit.nearest_neighbours import ItemItemRecommender
from scipy import sparse

from benchmarks.peers.lists import Fitted, Scored
from benchmarks.peers.task import Task

NEIGHBOURS = 100
"""Within the range searched by Ferrari Dacrema et al. 2019, https://arxiv.org/abs/1907.06902."""


def item_knn(task: Task, seed: int) -> Fitted:
    """Score an item by its similarity to the customer's (Sarwar et al. 2001, https://doi.org/10.1145/371920.372071).

    Settings: 100 neighbours, cosine, every item taken counts once.
    """
    similar = _cosines(task.matrix)
    return Scored(task, lambda rows: (task.matrix[rows] @ similar).toarray())


def user_knn(task: Task, seed: int) -> Fitted:
    """Score an item by the similarity of those who took it (Herlocker et al. 1999, 10.1145/312624.312682).

    Settings: 100 neighbours, cosine, every item taken counts once.
    """
    similar = _cosines(task.matrix.T.tocsr())
    return Scored(task, lambda rows: (similar[rows] @ task.matrix).toarray())


def _cosines(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return for each column its 100 nearest columns, not counting itself."""
    lengths = 1.0 / np.sqrt(np.maximum(matrix.sum(axis=0, dtype=np.float64), 1))
    model = ItemItemRecommender(K=NEIGHBOURS + 1, num_threads=0)
    model.fit(sparse.csr_matrix(matrix.multiply(lengths)), show_progress=False)
    similar = model.similarity.tocsr()
    similar.setdiag(0)
    similar.eliminate_zeros()
    return similar
