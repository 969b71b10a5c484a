"""Numbers and flags, from whatever form the file gave them."""

import polars as pl

from shortlist_bundle.features.values import FALSE_WORDS, TRUE_WORDS

MISSING_WORDS = ("na", "n/a", "nan", "null", "none", "?", "-")
"""Words that mean "no value" in a column whose other values are numbers, flags or times."""


def read_numbers(values: pl.Series) -> pl.Series:
    """Return Float64; null where the value was missing, is no number or is not a number (NaN)."""
    if isinstance(values.dtype, pl.Duration):
        return values.dt.total_microseconds().cast(pl.Float64) / 1e6
    if isinstance(values.dtype, pl.String):
        values = values.str.strip_chars()
    elif not (values.dtype.is_numeric() or isinstance(values.dtype, pl.Boolean | pl.Null)):
        return pl.Series(values.name, [None] * len(values), dtype=pl.Float64)
    return values.cast(pl.Float64, strict=False).fill_nan(None)


def read_flags(values: pl.Series) -> pl.Series:
    """Return Boolean; null where the value was missing or is neither a yes nor a no."""
    if isinstance(values.dtype, pl.Boolean):
        return values
    if values.dtype.is_numeric():
        return pl.Series(values.name, values == 1).set((values != 0) & (values != 1), None)
    words = values.cast(pl.String, strict=False).str.strip_chars().str.to_lowercase()
    answers = dict.fromkeys(TRUE_WORDS, True) | dict.fromkeys(FALSE_WORDS, False)
    return words.replace_strict(answers, default=None, return_dtype=pl.Boolean)


def is_missing(values: pl.Series) -> pl.Series:
    """Tell where a value is missing: null, NaN, or a word that means it."""
    if values.dtype.is_float():
        return values.is_null() | values.is_nan().fill_null(False)
    if isinstance(values.dtype, pl.String):
        return values.str.strip_chars().str.to_lowercase().is_in(["", *MISSING_WORDS]) | values.is_null()
    return values.is_null()
