"""The Cholesky factor of a matrix to which the square of a vector is added."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled


@compiled
def cholesky_updated(factor: NDArray[np.float64], vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lower factor of `L Lt + v vt`, in F^2 steps, by Givens rotations that cannot lose definiteness.

    Gill, Golub, Murray and Saunders 1974, https://doi.org/10.1090/S0025-5718-1974-0343558-6 (method C3). Unlike the
    Sherman-Morrison update of the inverse, nothing is subtracted, so that a million of them do not drift.

    Args:
        factor: float64 [F, F], lower triangular, its diagonal above 0.
        vector: float64 [F].
    """
    updated, rest = factor.copy(), vector.copy()
    size = len(rest)
    for column in range(size):
        old = updated[column, column]
        new = np.hypot(old, rest[column])
        cosine, sine = new / old, rest[column] / old
        updated[column, column] = new
        for row in range(column + 1, size):
            updated[row, column] = (updated[row, column] + sine * rest[row]) / cosine
            rest[row] = cosine * rest[row] - sine * updated[row, column]
    return updated
