"""Time columns of the contract: `timestamp` of an interaction, availability of an item."""

import polars as pl

from shortlist_training.log.raw_table import RawTable
from shortlist_training.log.report import Findings
from shortlist_training.log.times import read_seconds

_EARLY_1973 = 1e8
FORMS = "Times are seconds since 1970, ISO text such as 2017-01-31T12:00:00Z, or a date or datetime column"


def read_moments(table: RawTable, column: str, findings: Findings, *, required: bool) -> pl.Series:
    """Return the column in seconds since 1970, Float64; null only where a value may be missing and is.

    Raises:
        DataError: A value is no time, or is missing where it is required, or units are mixed.
    """
    values = table.frame[column]
    seconds = read_seconds(values)
    empty = values.is_null()
    if isinstance(values.dtype, pl.String):
        empty |= (values.str.strip_chars() == "").fill_null(True)
    wrong = seconds.values.is_null() if required else seconds.values.is_null() & ~empty
    index = wrong.arg_max()
    if index is not None and wrong[index]:
        problem = "the time is empty" if empty[index] else f"{values[index]!r} is not a time"
        raise table.error(problem, column=column, index=index, remedy=FORMS)
    if seconds.unit:
        _check_one_unit(table, seconds.values, seconds.unit)
        findings.notes.append(f"{table.name}.{column}: counts {seconds.unit}; turned into seconds")
    return seconds.values.alias(column)


def _check_one_unit(table: RawTable, seconds: pl.Series, unit: str) -> None:
    """Refuse a mixture: read in the unit of the largest value, a value in a coarser unit lies in 1970."""
    early = (seconds.abs() < _EARLY_1973) & (seconds != 0)
    index = early.fill_null(False).arg_max()
    if index is not None and early[index]:
        value = table.frame[seconds.name][index]
        problem = f"{value} cannot count {unit}, as the largest value of the column does"
        raise table.error(problem, column=seconds.name, index=index, remedy="Use one unit for all rows")
