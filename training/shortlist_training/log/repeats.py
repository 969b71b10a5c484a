"""Whether people take the same thing again."""

from collections.abc import Mapping

import polars as pl
from shortlist_bundle.columns import CUSTOMER_ID, EVENT, ITEM_ID, ORDER_ID, TIMESTAMP

REPEAT_SHARE = 0.05
"""From this share of repeated takings on, a list without what the customer already took would miss too much."""


def repeat_rate(interactions: pl.DataFrame, weights: Mapping[str, float]) -> float:
    """Return the share of takings that repeat an earlier one of the same customer and item.

    A taking is a distinct (customer, item, occasion). The occasion is the order, or else the timestamp, so that two
    lines of one receipt are no repeat; a log with neither lists each taking once, so there every row is one. Only like
    is compared with like: a view followed by a purchase is no repeat. Where events have weights, the heaviest event
    that occurs is what counts as taking.
    """
    pair = [CUSTOMER_ID, ITEM_ID]
    if EVENT in interactions.columns:
        pair.append(EVENT)
        heaviest = max(
            (name for name in interactions[EVENT].unique() if name in weights), key=weights.__getitem__, default=None
        )
        interactions = interactions.filter(pl.col(EVENT) == heaviest) if heaviest else interactions
    takings = _takings(interactions, pair)
    return 1 - interactions.select(pair).n_unique() / takings if takings else 0.0


def _takings(interactions: pl.DataFrame, pair: list[str]) -> int:
    occasions = [pl.col(name).cast(pl.String) for name in (ORDER_ID, TIMESTAMP) if name in interactions.columns]
    if not occasions:
        return interactions.height
    if ORDER_ID not in interactions.columns or not interactions[ORDER_ID].null_count():
        # One plain column is twice as fast as text made of two.
        occasions = [pl.col(ORDER_ID if ORDER_ID in interactions.columns else TIMESTAMP)]
    return interactions.select(*pair, pl.coalesce(occasions).alias("occasion")).n_unique()
