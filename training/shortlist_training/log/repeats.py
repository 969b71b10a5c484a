"""Whether people take the same thing again."""

from collections.abc import Mapping

import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, EVENT, ITEM_ID, ORDER_ID, TIMESTAMP
from shortlist_training.log.measures import distinct_rows

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
        interactions = _heaviest(interactions, weights)
    takings = _takings(interactions, pair)
    return 1 - distinct_rows(interactions.select(pair)) / takings if takings else 0.0


def _heaviest(interactions: pl.DataFrame, weights: Mapping[str, float]) -> pl.DataFrame:
    named = [name for name in interactions[EVENT].drop_nulls().unique().sort() if name in weights]
    return interactions.filter(pl.col(EVENT) == max(named, key=weights.__getitem__)) if named else interactions


def _takings(interactions: pl.DataFrame, pair: list[str]) -> int:
    there = [name for name in (ORDER_ID, TIMESTAMP) if name in interactions.columns]
    if not there:
        return interactions.height
    if not interactions[there[0]].null_count():
        return distinct_rows(interactions.select(*pair, there[0]))
    # Orders without an id fall back on their time; numbers become text to stand in one column with ids.
    occasion = pl.coalesce(pl.col(there).cast(pl.String)).alias("occasion")
    return distinct_rows(interactions.select(*pair, occasion))
