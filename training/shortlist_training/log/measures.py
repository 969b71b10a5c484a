"""Measures of a whole log for the data report."""

import polars as pl
from shortlist_bundle.columns import CUSTOMER_ID, ITEM_ID, TIMESTAMP

from shortlist_training.log.report import Quantiles, UnknownIds


def count_duplicates(frame: pl.DataFrame) -> int:
    """Count the rows that equal an earlier one in every column."""
    return frame.height - frame.n_unique()


def spread(interactions: pl.DataFrame, column: str) -> Quantiles:
    """Return how many interactions each id of the column has."""
    counts = interactions.group_by(column).len()["len"].cast(pl.Float64)
    names = {"p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9, "p99": 0.99, "minimum": 0.0, "maximum": 1.0}
    quantiles = {name: float(counts.quantile(share, "linear") or 0.0) for name, share in names.items()}
    return Quantiles(mean=interactions.height / max(len(counts), 1), **quantiles)


def density(interactions: pl.DataFrame) -> float:
    """Return the share of all (customer, item) pairs that occur."""
    cells = interactions[CUSTOMER_ID].n_unique() * interactions[ITEM_ID].n_unique()
    return interactions.select(CUSTOMER_ID, ITEM_ID).n_unique() / cells if cells else 0.0


def date_range(interactions: pl.DataFrame) -> tuple[float, float] | None:
    """Return the first and last timestamp, None without times."""
    if TIMESTAMP not in interactions.columns:
        return None
    times = interactions[TIMESTAMP]
    return float(times.min()), float(times.max())  # type: ignore[arg-type]


def unknown_ids(interactions: pl.DataFrame, described: pl.DataFrame, column: str) -> UnknownIds:
    """Count the ids of the log, and their interactions, that the table does not describe."""
    counts = interactions.group_by(column, maintain_order=True).len()
    unknown = counts.join(described.select(column), on=column, how="anti", maintain_order="left")
    rows = int(unknown["len"].sum())
    example = unknown[column][0] if unknown.height else None
    return UnknownIds(ids=unknown.height, interactions=rows, share=rows / max(interactions.height, 1), example=example)
