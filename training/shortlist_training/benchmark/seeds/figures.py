"""The customers' figures of several seeds put together, and compared."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_training.benchmark.bootstrap import paired_interval
from shortlist_training.evaluation.metrics import Figure


def over_seeds(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return every customer's figures, each the mean over the seeds that judged the customer, in the order of ids.

    Args:
        frames: one for each seed, at least one: customer_id and numbers, null where there is nothing to judge.
    """
    numbers = [name for name, kind in frames[0].schema.items() if kind.is_numeric()]
    return pl.concat(frames).group_by("customer_id").agg(pl.col(numbers).cast(pl.Float64).mean()).sort("customer_id")


def figure(frames: Sequence[pl.DataFrame], column: str) -> dict[str, Any]:
    """Return the mean over customers and seeds, its standard error over customers, the deviation over seeds.

    The deviation is None where there is one seed.
    """
    means = [mean for frame in frames if (mean := frame[column].mean()) is not None]
    spread = float(np.std(np.asarray(means, np.float64), ddof=1)) if len(means) > 1 else None
    return {**asdict(Figure.of(_numbers(over_seeds(frames)[column].drop_nulls()))), "spread": spread}


def difference(one: pl.DataFrame, other: pl.DataFrame, column: str, other_column: str | None = None) -> dict[str, Any]:
    """Return the mean of one less the other, paired by customer, its bounds, and the number of customers.

    Args:
        one: of `over_seeds`.
        other: likewise; who is missing or has null in either is left out.
        column: of the first.
        other_column: of the second, where it is another.
    """
    right = other.select("customer_id", other=pl.col(other_column or column))
    pairs = one.select("customer_id", one=pl.col(column)).join(right, on="customer_id", maintain_order="left")
    pairs = pairs.drop_nulls()
    if not len(pairs):
        return {"customers": 0}
    return {"customers": len(pairs), **asdict(paired_interval(_numbers(pairs["one"]), _numbers(pairs["other"])))}


def _numbers(column: pl.Series) -> NDArray[np.float64]:
    return column.to_numpy().astype(np.float64)
