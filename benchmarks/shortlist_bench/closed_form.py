"""EASE in closed form: every item regressed on all others."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

PENALTY = 500.0
"""The paper's for MovieLens-20M."""
MOST_ITEMS = 20_000
"""The inverse has that many rows and columns: beyond, it takes more than 2 GB and an hour."""


def closed_form(matrix: sparse.csr_matrix, penalty: float) -> NDArray[np.float32]:
    """Return the weights, float32 [N, N], diagonal 0.

    Steck 2019, "Embarrassingly shallow autoencoders for sparse data", https://arxiv.org/abs/1905.03375. With P the
    inverse of the penalised Gram matrix X'X + penalty I, the weight of item i for item j is -P_ij / P_jj.

    Args:
        matrix: float32 [M, N], who has taken what.
        penalty: the L2 penalty.
    """
    gram = (matrix.T @ matrix).toarray().astype(np.float32)
    diagonal = np.diag_indices(len(gram))
    gram[diagonal] += penalty
    inverse = np.linalg.inv(gram)
    inverse /= -np.diag(inverse).copy()
    inverse[diagonal] = 0
    return inverse
