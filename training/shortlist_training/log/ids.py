"""Ids: opaque text, whatever type the file gave them."""

import polars as pl

from shortlist_training.log.raw_table import RawTable

_FLOAT_INTEGER = r"^-?\d+\.0+$"
_EXACT_IN_FLOAT = 2.0**53
"""From here on a float skips integers, so two ids may have become one."""


def read_ids(table: RawTable, column: str) -> pl.Series:
    """Return the column as text; integers that were written as floats (12.0) become "12".

    Raises:
        DataError: An id is missing or empty, or the column is of a type that has no text.
    """
    values = table.frame[column]
    _check_present(table, values)
    if values.dtype.is_float():
        return _from_floats(table, values)
    if isinstance(values.dtype, pl.String):
        return _without_zero_decimals(values) if table.is_text else values
    if values.dtype.is_nested() or isinstance(values.dtype, pl.Binary | pl.Object | pl.Null):
        raise table.error(f"ids of type {values.dtype} cannot be read", column=column, remedy="Write them as text")
    return values.cast(pl.String)


def _without_zero_decimals(texts: pl.Series) -> pl.Series:
    """Turn "12.0" into "12" where every text is of that form: the trace of integers that went through a float."""
    present = texts.drop_nulls()
    # The cheap look first: almost every column ends it here.
    if present.is_empty() or not present[0].endswith("0") or not present.str.contains(_FLOAT_INTEGER).all():
        return texts
    return texts.str.replace(r"\.0+$", "")


def _check_present(table: RawTable, values: pl.Series) -> None:
    missing = values.is_null()
    if isinstance(values.dtype, pl.String):
        missing |= values.str.contains(r"^\s*$").fill_null(True)
    elif values.dtype.is_float():
        missing |= values.is_nan().fill_null(True)
    index = missing.arg_max()
    if index is not None and missing[index]:
        remedy = "Every row needs one: fill it or remove the row"
        raise table.error("the id is empty", column=values.name, index=index, remedy=remedy)


def _from_floats(table: RawTable, values: pl.Series) -> pl.Series:
    unsafe = (values.abs() >= _EXACT_IN_FLOAT).arg_max()
    if unsafe is not None and abs(values[unsafe]) >= _EXACT_IN_FLOAT:
        problem = f"the id {values[unsafe]:.0f} is too long for a column of floats: its last digits are lost"
        raise table.error(problem, column=values.name, index=unsafe, remedy="Write ids as text or integers")
    whole = bool((values == values.round()).all())
    return values.cast(pl.Int64 if whole else values.dtype).cast(pl.String)
