"""A log drawn at random, as large as one likes, written as the data contract says."""

from pathlib import Path

import numpy as np
import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, INTERACTIONS, ITEM_ID, TIMESTAMP, VALUE

EVENTS_PER_CUSTOMER, EVENTS_PER_ITEM = 100, 200
"""On average; like MovieLens-20M, but with four times as many items."""
STEEPNESS = 0.9
"""Of the popularity of items: the n-th of them is taken n to the minus so much times as often as the first."""
START, YEAR = 1_600_000_000, 31_536_000


def write_drawn_log(folder: Path, events: int, *, seed: int = 0) -> None:
    """Write so many interactions with times and values, in no order, as one Parquet file."""
    random = np.random.default_rng(seed)
    customers, items = max(events // EVENTS_PER_CUSTOMER, 1), max(events // EVENTS_PER_ITEM, 1)
    popularity = np.cumsum((1.0 + np.arange(items)) ** -STEEPNESS)
    places = np.searchsorted(popularity, random.random(events) * popularity[-1])
    frame = pl.DataFrame(
        {
            CUSTOMER_ID: _named("customer", customers, random.integers(0, customers, events)),
            ITEM_ID: _named("item", items, random.permutation(items)[places]),
            TIMESTAMP: START + random.integers(0, YEAR, events),
            VALUE: random.integers(1, 4, events).astype(np.float32),
        }
    )
    frame.write_parquet(folder / f"{INTERACTIONS}.parquet")


def _named(name: str, count: int, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.Series:
    return pl.Series([f"{name}-{number}" for number in range(count)]).gather(numbers)
