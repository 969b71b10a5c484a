"""What the simulated shop takes from a real log: how often people come, what sells, what they repeat, how tastes move.

Weeks are the unit: a day of the simulation stands for a week of the log.
"""

from pathlib import Path

import numpy as np
import polars as pl

WEEK = 7 * 86_400
_LEAST_TAKINGS = 10
"""Of a customer in half of the orders of four weeks, for their mix of categories to be looked at."""
_LARGEST = 40
"""Categories that are looked at: of smaller ones a basket says too little."""
_APART = 5
"""Months of four weeks, between two looks at a customer of whom the second says how far tastes have moved."""
_LATER = "_other"
_SETTLED = 12
"""Weeks at the start after which an item that was not sold before counts as new."""


def fit(folder: Path, category: str = "product_category") -> dict[str, float]:
    """Return the figures of a log in the form of the data contract, with orders and an items' category.

    Args:
        folder: with `interactions.parquet` and `items.parquet`.
        category: column of the items.
    """
    items = pl.read_parquet(folder / "items.parquet").select("item_id", category)
    log = pl.read_parquet(folder / "interactions.parquet").join(items, on="item_id").drop_nulls(category)
    log = log.with_columns(week=(pl.col("timestamp") - pl.col("timestamp").min()) // WEEK).filter(
        pl.col("week") < pl.col("week").max()
    )
    return {**_visits(log), **_appeal(log, category), **_repeats(log), **_tastes(log, category), **_arrivals(log)}


def _visits(log: pl.DataFrame) -> dict[str, float]:
    """Visits a week: their mean and how unequal customers are; and takings of a visit."""
    weeks = log["week"].n_unique()
    orders = log.group_by("customer_id").agg(pl.col("order_id").n_unique() / weeks)["order_id"].to_numpy()
    sizes = log.group_by("order_id").len()["len"].to_numpy()
    return {
        "visits": float(orders.mean()),
        "activity": float(np.log(orders).std()),
        "basket": float(np.median(sizes)),
    }


def _appeal(log: pl.DataFrame, category: str) -> dict[str, float]:
    """How unequally items of one category sell: the deviation of the log of their takers, of those with ten or more."""
    takers = log.group_by("item_id", category).agg(pl.col("customer_id").n_unique().alias("takers"))
    takers = takers.filter(pl.col("takers") >= 10).with_columns(pl.col("takers").log())
    within = takers.with_columns(pl.col("takers") - pl.col("takers").mean().over(category))
    return {"appeal": float(within["takers"].std())}  # type: ignore[arg-type]


def _repeats(log: pl.DataFrame) -> dict[str, float]:
    """The share of takings, in the last quarter of the log, of an item that the customer had taken before."""
    first = log.group_by("customer_id", "item_id").agg(pl.col("week").min().alias("first"))
    late = log.filter(pl.col("week") >= 0.75 * pl.col("week").max()).join(first, on=["customer_id", "item_id"])
    return {"repeats": float((late["first"] < late["week"]).mean())}  # type: ignore[arg-type]


def _tastes(log: pl.DataFrame, category: str) -> dict[str, float]:
    """How far customers' shares of a category lie from everybody's, and how both move: deviations of logarithms.

    Shares are taken to be lognormal, so that the covariance of two looks at them, over the square of their mean, is
    exp(s2) - 1. Two looks are made of different orders, so that what is common to them is no chance of a basket. The
    drift is what two looks five months apart have less in common than two at the same month, by week.
    """
    largest = log.group_by(category).len().sort("len", descending=True)[category].head(_LARGEST).to_list()
    parts = log.with_columns(month=pl.col("week") // 4, half=pl.col("order_id").hash(seed=1) % 2)
    counts = parts.group_by("customer_id", "month", "half").agg(
        pl.len().alias("all"), *((pl.col(category) == name).sum().alias(name) for name in largest)
    )
    shares = counts.filter(pl.col("all") >= _LEAST_TAKINGS).with_columns(pl.col(largest) / pl.col("all"))
    one, other = shares.filter(pl.col("half") == 0), shares.filter(pl.col("half") == 1)
    now = one.join(other, on=["customer_id", "month"], suffix=_LATER)
    later = one.join(other.with_columns(pl.col("month") - _APART), on=["customer_id", "month"], suffix=_LATER)
    between, kept = _common(now, largest), _common(later, largest)
    totals = parts.group_by("month").agg((pl.col(category) == name).mean().log().alias(name) for name in largest)
    moved = np.diff(totals.sort("month").select(largest).to_numpy(), axis=0)
    return {
        "tastes": float(np.sqrt(between)),
        "drift": float(np.sqrt(max(between - kept, 0.0) * 2 / (4 * _APART))),
        "season": float(np.median(moved.std(axis=0)) / 2),
    }


def _common(pairs: pl.DataFrame, names: list[str]) -> float:
    """Return the variance of the logarithm of a share that two looks have in common, the median of the categories."""
    found = []
    for name in names:
        first, second = pairs[name].to_numpy(), pairs[f"{name}{_LATER}"].to_numpy()
        covariance = float(np.mean((first - first.mean()) * (second - second.mean())))
        found.append(np.log1p(max(covariance, 0.0) / (first.mean() * second.mean())))
    return float(np.median(found))


def _arrivals(log: pl.DataFrame) -> dict[str, float]:
    """New items a week, as a share of those that are sold in one."""
    first = log.group_by("item_id").agg(pl.col("week").min().alias("first"), pl.len().alias("takings"))
    new = first.filter((pl.col("first") >= _SETTLED) & (pl.col("takings") >= 10))
    sold = log.group_by("week").agg(pl.col("item_id").n_unique())["item_id"].mean()
    weeks = log["week"].max() - _SETTLED + 1  # type: ignore[operator]
    return {"arrivals": float(len(new) / weeks / sold)}  # type: ignore[operator]
