"""Feature tables of invented customers and products."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import truncnorm

Matrix = NDArray[np.float64]


def truncated_normal(rng: np.random.Generator, rows: int, columns: int) -> Matrix:
    """Draw [rows, columns] from the standard normal, cut off (not clipped) at -1 and 1."""
    return np.asarray(truncnorm.rvs(-1.0, 1.0, size=(rows, columns), random_state=rng))


def feature_table(id_column: str, ids: list[str], features: Matrix, prefix: str) -> pl.DataFrame:
    """Name the columns of `features` prefix1, prefix2..., and put the ids before them."""
    columns = {f"{prefix}{number + 1}": features[:, number] for number in range(features.shape[1])}
    return pl.DataFrame({id_column: ids, **columns})


def numbered(word: str, count: int) -> list[str]:
    """Return ids such as customer-0001, all of one length."""
    width = len(str(count))
    return [f"{word}-{number:0{width}}" for number in range(1, count + 1)]
