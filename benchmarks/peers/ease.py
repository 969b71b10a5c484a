"""EASE, the whole of it: every item regressed on all others, in closed form."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.peers.lists import Fitted, Scored
from benchmarks.peers.task import PeerError, Task

PENALTY = 500.0
MOST_ITEMS = 20_000
"""The inverse has that many rows and columns: beyond, it takes more than 2 GB and an hour."""


def ease(task: Task, seed: int) -> Fitted:
    """Fit EASE (Steck 2019, "Embarrassingly shallow autoencoders for sparse data", https://arxiv.org/abs/1905.03375).

    Settings: an L2 penalty of 500, the paper's for MovieLens-20M.

    Raises:
        PeerError: The catalogue has more than 20,000 items.
    """
    if len(task.items) > MOST_ITEMS:
        raise PeerError(f"{len(task.items):,} items are more than the {MOST_ITEMS:,} that the closed form is run for")
    weights = closed_form(task.matrix, PENALTY)
    return Scored(task, lambda rows: task.matrix[rows] @ weights)


def closed_form(matrix: sparse.csr_matrix, penalty: float) -> NDArray[np.float32]:
    """Return the weights, float32 [N, N], diagonal 0.

    With P the inverse of the penalised Gram matrix X'X + penalty I, the weight of item i for item j is -P_ij / P_jj.
    """
    gram = (matrix.T @ matrix).toarray().astype(np.float32)
    diagonal = np.diag_indices(len(gram))
    gram[diagonal] += penalty
    inverse = np.linalg.inv(gram)
    inverse /= -np.diag(inverse).copy()
    inverse[diagonal] = 0
    return inverse
