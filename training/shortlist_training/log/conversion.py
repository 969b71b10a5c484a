"""Feature columns as the rest of training sees them: one type per kind, null where there is no value."""

from collections.abc import Callable, Mapping

import polars as pl

from shortlist_bundle.features import values as raw
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.log.numbers import read_flags, read_numbers
from shortlist_training.log.times import read_seconds

_WRITTEN_FLOAT = r"^-?\d+\.(0+|\d*[1-9])$"
"""How floats are written to a CSV file, 2.0 and 1.25; a version, 1.10, is not."""


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
    if values.dtype.is_float():
        return values.replace_strict(_float_categories(values), default=None, return_dtype=pl.String)
    texts = _text(values)
    present = texts.drop_nulls()
    # The cheap look first: almost every column ends it here.
    if present.is_empty() or "." not in present[0] or not present.str.contains(_WRITTEN_FLOAT).all():
        return texts
    return texts.str.replace(r"\.0+$", "")


def _float_categories(values: pl.Series) -> dict[float, str | None]:
    """Return what a request with the same number would mean; nothing for numbers that it may not contain."""
    known = values.filter(values.is_finite()).unique()
    # By way of the text, so that 1.1 in four bytes is the 1.1 that a request sends in eight.
    exact = known.cast(pl.String).cast(pl.Float64)
    return {number: raw.category(values.name, value) for number, value in zip(known, exact, strict=True)}


def _categories(values: pl.Series) -> pl.Series:
    lists = values
    if isinstance(values.dtype, pl.Array):
        lists = values.arr.to_list()
    elif not isinstance(values.dtype, pl.List):
        lists = _category(values).str.split(raw.SEPARATOR)
    if lists.dtype.inner.is_float():  # type: ignore[attr-defined]
        texts = _float_categories(lists.explode())
        lists = lists.list.eval(pl.element().replace_strict(texts, default=None, return_dtype=pl.String))
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
