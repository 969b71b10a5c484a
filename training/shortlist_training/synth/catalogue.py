"""The setting *catalogue*: 1,000 customers with 5 features rate each of 50 products with 10, from 1 to 5."""

import numpy as np

from shortlist_training.synth.features import Matrix
from shortlist_training.synth.pairs import PairsShape, make_pairs
from shortlist_training.synth.setting import RatingsKind, Setting

CONFIG = """\
[ratings]
model = "scorer"
hidden = [64, 32]
learning_rate = 0.001
epochs = 10
batch_size = 32
held_out = 0.2

[run]
seed = 42
"""


def make_catalogue(kind: RatingsKind, rng: np.random.Generator) -> Setting:
    """Make the setting; planted, the rating is the score on a scale of five equal steps."""
    shape = PairsShape(
        customers=1000, customer_features=5, products=50, product_features=10, noise=_any_integer, rate=by_step
    )
    return make_pairs(shape, kind, rng, CONFIG)


def by_step(scores: Matrix, reference: Matrix) -> Matrix:
    """Rate each score 1 to 5: 3 for the middle, one more or less for each standard deviation of the reference scores.

    Few pairs reach the ends of the scale. Were a fifth of them rated 5, the ratings would hide which of those is best.
    """
    return np.asarray(np.clip(np.rint(3.0 + scores / reference.std()), 1.0, 5.0))


def _any_integer(rng: np.random.Generator, shape: tuple[int, int]) -> Matrix:
    return rng.integers(1, 6, size=shape).astype(np.float64)
