"""The features of the linear head: what is expected of a pair, how both meet in the towers, how new the item is.

The prior takes the expectation as it is (its weight is 1, every other 0), so that a head that has learnt nothing ranks
by what the scorer says, and learns only where the world differs from it. Of an item that hardly anybody has taken the
scorer says what such items were worth when nobody showed them; the weight of novelty is what showing them is worth.
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
CURIOSITY = 0.1
"""Deviation of the weight of novelty: by so much an item that nobody has taken may be better or worse than it seems."""


def head_features(
    chances: NDArray[np.float64], customer: Float, items: Float, *, novelty: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the features of K pairs, float64 [K, D + 3]: 1, expectation, product of the directions, novelty.

    The products are those whose sum is the cosine, times the root of D: their squares sum to about 1, whatever D is.

    Args:
        chances: float64 [K], how likely each item is to be taken, as far as is known without the head.
        customer: float32 [D + 1], the two-tower's vector; its last column belongs to the items' bias, and is left out.
        items: float32 [K, D + 1], the items' likewise.
        novelty: float64 [K], of the items; see `novelty_of`.
    """
    if items.shape != (len(chances), len(customer)):
        raise ValueError(f"{len(chances)} chances, a vector of {len(customer)} and items of shape {items.shape}")
    products = _directions(items[:, :-1]) * _directions(customer[None, :-1])
    return np.column_stack([np.ones(len(chances)), chances, products * np.sqrt(products.shape[1]), novelty])


def novelty_of(takings: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how new items are that were taken so often, float64 [K], in (0, 1]: 1 for what nobody has taken."""
    return 1.0 / (1.0 + np.maximum(takings.astype(np.float64), 0.0))


def head_width(items: Float) -> int:
    """Return the number of weights, F, for a two-tower whose items' vectors are float32 [N + 1, D + 1]."""
    return items.shape[1] + 2


def head_prior(width: int) -> Posterior:
    """Return what is known of a head of F weights before any reward."""
    mean, deviations = np.zeros(width), np.full(width, DOUBT)
    mean[1], deviations[1], deviations[-1] = 1.0, TRUST, CURIOSITY
    return Posterior.prior(mean, deviations, noise=NOISE)


def with_novelty(posterior: Posterior) -> Posterior:
    """Return the posterior of a head of before there was novelty, with what is known of its weight: the prior."""
    size = len(posterior.mean)
    precision = np.zeros((size + 1, size + 1))
    precision[:size, :size], precision[size, size] = posterior.precision, 1.0 / CURIOSITY**2
    vector = np.append(posterior.vector, 0.0)
    return Posterior.of(precision, vector, noise=posterior.noise, rewards=posterior.rewards)


def _directions(vectors: Float) -> NDArray[np.float64]:
    exact = vectors.astype(np.float64)
    lengths = np.linalg.norm(exact, axis=1, keepdims=True)
    return exact / np.where(lengths > 0, lengths, 1.0)
