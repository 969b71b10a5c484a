"""Serendipity: relevant, and far from what the customer already knows.

An item is as unexpected as it is unlike the history on average (Zhang, Ó Séaghdha, Quercia and Jambor 2012, "Auralist",
https://doi.org/10.1145/2124295.2124300).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.likeness import Rows, fill_products
from shortlist_bundle.diversity.method import Pool, standardised


def unexpectedness(pool: Pool) -> NDArray[np.float64]:
    """Return one less the mean likeness to the history, float64 [K] in [0, 1] by attributes; 1 without a history."""
    if not len(pool.history):
        return np.ones(len(pool.items))
    weights = np.asarray(pool.strengths / pool.strengths.sum(), np.float32)
    known = _known(pool.likeness.rows(pool.items), pool.likeness.rows(pool.history), weights)
    return 1.0 - known.astype(np.float64)


def with_serendipity(pool: Pool, share: float) -> Pool:
    """Return the pool with so much of its relevance, 0 to 1, in what is unexpected; both count in deviations.

    Of chances likewise, in the deviations and around the mean of the list's own, so that they keep their scale.
    """
    if not len(pool.items):
        return pool
    unexpected = standardised(unexpectedness(pool))
    mean, deviation = pool.chances.mean(), pool.chances.std()
    return replace(
        pool,
        relevance=(1.0 - share) * pool.relevance + share * unexpected,
        chances=(1.0 - share) * pool.chances + share * (mean + deviation * unexpected),
    )


@compiled
def _known(rows: Rows, history: Rows, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    mean, found = np.zeros(rows.width, np.float32), np.empty(len(rows.offsets) - 1, np.float32)
    for event in range(len(weights)):
        for entry in range(history.offsets[event], history.offsets[event + 1]):
            mean[history.traits[entry]] += weights[event] * history.weights[entry]
    fill_products(rows, mean, found)
    return found
