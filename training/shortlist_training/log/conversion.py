"""Feature columns as the rest of training sees them: one type per kind, null where there is no value."""

from collections.abc import Callable, Mapping

import polars as pl

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.log.ids import without_zero_decimals
from shortlist_training.log.inference import SEPARATOR
from shortlist_training.log.numbers import read_flags, read_numbers
from shortlist_training.log.times import read_seconds


def convert(values: pl.Series, kind: ColumnKind) -> pl.Series:
    """Return the column in the type of its kind; null where the value is missing or cannot be read.

    NUMBER and TIME (seconds since 1970) are Float64, FLAG is Boolean, CATEGORY and TEXT are String, CATEGORIES is
    List(String), where an empty list says that there are none.
    """
    return _CONVERSIONS[kind](values)


def _number(values: pl.Series) -> pl.Series:
    numbers = read_numbers(values)
    return numbers.set(numbers.is_infinite(), None)


def _time(values: pl.Series) -> pl.Series:
    return read_seconds(values).values


def _text(values: pl.Series) -> pl.Series:
    if values.dtype.is_float():
        return _text_of_floats(values.fill_nan(None))
    texts = values.cast(pl.String, strict=False).str.strip_chars()
    return texts.set(texts == "", None)


def _text_of_floats(values: pl.Series) -> pl.Series:
    # A code that went through a float, 69.0, is the code 69.
    present = values.drop_nulls()
    whole = present.is_finite().all() and (present == present.round()).all() and (present.abs() < 2.0**53).all()
    return values.cast(pl.Int64 if whole else values.dtype).cast(pl.String)


def _category(values: pl.Series) -> pl.Series:
    return without_zero_decimals(_text(values))


def _categories(values: pl.Series) -> pl.Series:
    lists = values
    if isinstance(values.dtype, pl.Array):
        lists = values.arr.to_list()
    elif not isinstance(values.dtype, pl.List):
        lists = _text(values).str.split(SEPARATOR)
    parts = lists.cast(pl.List(pl.String)).list.eval(pl.element().str.strip_chars())
    return parts.list.eval(pl.element().filter(pl.element().is_not_null() & (pl.element() != "")))


_CONVERSIONS: Mapping[ColumnKind, Callable[[pl.Series], pl.Series]] = {
    ColumnKind.NUMBER: _number,
    ColumnKind.CATEGORY: _category,
    ColumnKind.FLAG: read_flags,
    ColumnKind.CATEGORIES: _categories,
    ColumnKind.TEXT: _text,
    ColumnKind.TIME: _time,
}
