"""The setting *goals*: 1,000 customers with 5 features rate each of 5 products with 3, from 0 to 1.

Think of portfolios, each made for another goal in life.
"""

import numpy as np

from shortlist_training.synth.features import Matrix
from shortlist_training.synth.pairs import PairsShape, make_pairs
from shortlist_training.synth.setting import RatingsKind, Setting

CONFIG = """\
[data]
rating_scale = [0, 1]

[ratings]
model = "two_tower"
units = 32
epochs = 50

[run]
seed = 42
"""

STEEPNESS = 2.0
"""Ratings of scores one standard deviation from 0 are 0.12 and 0.88: clear, and not yet flat."""


def make_goals(kind: RatingsKind, rng: np.random.Generator) -> Setting:
    """Make the setting; planted, the rating is the sigmoid of the score."""
    shape = PairsShape(
        customers=1000, customer_features=5, products=5, product_features=3, noise=_any_fraction, rate=by_sigmoid
    )
    return make_pairs(shape, kind, rng, CONFIG)


def by_sigmoid(scores: Matrix, reference: Matrix) -> Matrix:
    """Rate each score by the sigmoid of it, in units of the spread of the reference scores."""
    return np.asarray(1.0 / (1.0 + np.exp(-STEEPNESS * scores / reference.std())))


def _any_fraction(rng: np.random.Generator, shape: tuple[int, int]) -> Matrix:
    return rng.random(shape)
