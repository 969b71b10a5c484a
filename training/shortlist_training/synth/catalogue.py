"""The setting *catalogue*: 1,000 customers with 5 features rate each of 50 products with 10, from 1 to 5."""

import numpy as np

from shortlist_training.synth.features import Matrix
from shortlist_training.synth.pairs import PairsShape, make_pairs
from shortlist_training.synth.setting import RatingsKind, Setting

CONFIG = """\
[ratings]
model = "scorer"
hidden = [64, 32]
epochs = 10
batch_size = 32
held_out = 0.2

[run]
seed = 42
"""


def make_catalogue(kind: RatingsKind, rng: np.random.Generator) -> Setting:
    """Make the setting; planted, a fifth of all pairs have each rating, by their score."""
    shape = PairsShape(
        customers=1000, customer_features=5, products=50, product_features=10, noise=_any_integer, rate=by_quantile
    )
    return make_pairs(shape, kind, rng, CONFIG)


def by_quantile(scores: Matrix, reference: Matrix) -> Matrix:
    """Rate each score 1 to 5 by the fifth of the reference scores that it falls into."""
    edges = np.quantile(reference, [0.2, 0.4, 0.6, 0.8])
    return np.asarray(np.searchsorted(edges, scores, side="right") + 1, dtype=np.float64)


def _any_integer(rng: np.random.Generator, shape: tuple[int, int]) -> Matrix:
    return rng.integers(1, 6, size=shape).astype(np.float64)
