"""The numbers of an interaction: its `value` and its `rating`."""

from collections.abc import Callable

import polars as pl

from shortlist_bundle.columns import VALUE
from shortlist_training.log.numbers import read_numbers
from shortlist_training.log.raw_table import RawTable
from shortlist_training.log.report import Findings


def read_values(table: RawTable, column: str, findings: Findings) -> pl.Series:
    """Return how much each interaction counts, Float32; a missing value counts 1.

    Raises:
        DataError: A value is no finite number, or is negative.
    """
    values = _read_finite(table, column)
    remedy = "Give what takes back an interaction its own event name, and a weight below 0 in [data.events]"
    _refuse(table, values < 0, lambda value: f"the value {value} is negative", remedy)
    missing = values.null_count()
    if missing:
        findings.notes.append(f"{table.name}.{column}: {missing:,} missing values count {VALUE} 1")
    return values.fill_null(1.0).cast(pl.Float32)


def read_ratings(table: RawTable, column: str, scale: tuple[float, float] | None) -> pl.Series:
    """Return the ratings, Float32; null where there is none.

    Raises:
        DataError: A rating is no finite number, or is off the configured scale.
    """
    ratings = _read_finite(table, column)
    if scale is not None:
        low, high = scale
        remedy = "Correct the rating, or rating_scale in [data]"
        outside = (ratings < low) | (ratings > high)
        _refuse(table, outside, lambda value: f"the rating {value} is outside the scale {low:g} to {high:g}", remedy)
    return ratings.cast(pl.Float32)


def _read_finite(table: RawTable, column: str) -> pl.Series:
    values = table.frame[column]
    numbers = read_numbers(values)
    present = ~values.is_null()
    if isinstance(values.dtype, pl.String):
        present &= values.str.strip_chars() != ""
    remedy = "Correct it, or leave it empty"
    _refuse(table, present & numbers.is_null(), lambda value: f"{value!r} is not a number", remedy, column)
    _refuse(table, numbers.is_infinite(), lambda value: f"{value} is not a finite number", remedy, column)
    return numbers


def _refuse(
    table: RawTable, wrong: pl.Series, problem: Callable[[object], str], remedy: str, column: str | None = None
) -> None:
    wrong = wrong.fill_null(False)
    index = wrong.arg_max()
    if index is not None and wrong[index]:
        column = column or wrong.name
        raise table.error(problem(table.frame[column][index]), column=column, index=index, remedy=remedy)
