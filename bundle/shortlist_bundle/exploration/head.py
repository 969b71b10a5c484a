"""The features of the linear head: what is expected of a pair already, and how customer and item meet in the towers.

The prior takes the expectation as it is (its weight is 1, every other 0), so that a head that has learnt nothing ranks
by what the scorer says, and learns only where the world differs from it.
"""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.exploration.posterior import Posterior
from shortlist_bundle.towers.layers import Float

NOISE = 0.25
"""Variance of a reward that is 0 or 1, at its largest."""
TRUST = 0.5
"""Deviation of the weight of the expectation, around 1."""
DOUBT = 0.05
"""Deviation of every other weight: of what meets in the towers, the value of a pair strays by about so much."""


def head_features(chances: NDArray[np.float64], customer: Float, items: Float) -> NDArray[np.float64]:
    """Return the features of K pairs, float64 [K, D + 2]: 1, the expectation, and the product of the directions.

    The products are those whose sum is the cosine, times the root of D: their squares sum to about 1, whatever D is.

    Args:
        chances: float64 [K], how likely each item is to be taken, as far as is known without the head.
        customer: float32 [D + 1], the two-tower's vector; its last column belongs to the items' bias, and is left out.
        items: float32 [K, D + 1], the items' likewise.
    """
    if items.shape != (len(chances), len(customer)):
        raise ValueError(f"{len(chances)} chances, a vector of {len(customer)} and items of shape {items.shape}")
    products = _directions(items[:, :-1]) * _directions(customer[None, :-1])
    return np.column_stack([np.ones(len(chances)), chances, products * np.sqrt(products.shape[1])])


def head_width(items: Float) -> int:
    """Return the number of weights, F, for a two-tower whose items' vectors are float32 [N + 1, D + 1]."""
    return items.shape[1] + 1


def head_prior(width: int) -> Posterior:
    """Return what is known of a head of F weights before any reward."""
    mean, deviations = np.zeros(width), np.full(width, DOUBT)
    mean[1], deviations[1] = 1.0, TRUST
    return Posterior.prior(mean, deviations, noise=NOISE)


def _directions(vectors: Float) -> NDArray[np.float64]:
    exact = vectors.astype(np.float64)
    lengths = np.linalg.norm(exact, axis=1, keepdims=True)
    return exact / np.where(lengths > 0, lengths, 1.0)
