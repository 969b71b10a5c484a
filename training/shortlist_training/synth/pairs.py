"""Settings in which every customer rates every product, and both are known by their features."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, CUSTOMERS, INTERACTIONS, ITEM_ID, ITEMS, RATING
from shortlist_training.synth.features import Matrix, feature_table, numbered, truncated_normal
from shortlist_training.synth.setting import NEW_CUSTOMERS, TRUTH, RatingsKind, Setting

NEW = 200
SCORE = "score"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsShape:
    """How many of each, and how ratings come about.

    Attributes:
        noise: Draws [M, N] ratings by chance.
        rate: Turns scores into ratings, given the scores [M, N] of the log that set the scale.
    """

    customers: int
    customer_features: int
    products: int
    product_features: int
    noise: Callable[[np.random.Generator, tuple[int, int]], Matrix]
    rate: Callable[[Matrix, Matrix], Matrix]


def make_pairs(shape: PairsShape, kind: RatingsKind, rng: np.random.Generator, config: str) -> Setting:
    """Make a setting; planted ratings follow customer · W · product for a hidden W, and nothing else."""
    customers = truncated_normal(rng, shape.customers, shape.customer_features)
    products = truncated_normal(rng, shape.products, shape.product_features)
    new = truncated_normal(rng, NEW, shape.customer_features)
    customer_ids, item_ids = numbered("customer", shape.customers), numbered("product", shape.products)
    new_ids = numbered("new", NEW)
    tables = {
        CUSTOMERS: feature_table(CUSTOMER_ID, customer_ids, customers, "c"),
        ITEMS: feature_table(ITEM_ID, item_ids, products, "p"),
        NEW_CUSTOMERS: feature_table(CUSTOMER_ID, new_ids, new, "c"),
    }
    if kind is RatingsKind.NOISE:
        ratings = shape.noise(rng, (shape.customers, shape.products))
        return Setting({INTERACTIONS: _long(customer_ids, item_ids, {RATING: ratings}), **tables}, config)
    preferences = rng.normal(size=(shape.customer_features, shape.product_features))
    scores = customers @ preferences @ products.T
    new_scores = new @ preferences @ products.T
    log = _long(customer_ids, item_ids, {RATING: shape.rate(scores, scores)})
    truth = _long(new_ids, item_ids, {RATING: shape.rate(new_scores, scores), SCORE: new_scores})
    return Setting({INTERACTIONS: log, **tables, TRUTH: truth}, config)


def _long(customer_ids: list[str], item_ids: list[str], values: dict[str, Matrix]) -> pl.DataFrame:
    """Turn matrices [M, N] into one row for each pair, customer by customer."""
    return pl.DataFrame(
        {
            CUSTOMER_ID: np.repeat(customer_ids, len(item_ids)),
            ITEM_ID: np.tile(item_ids, len(customer_ids)),
            **{name: matrix.ravel() for name, matrix in values.items()},
        }
    )
