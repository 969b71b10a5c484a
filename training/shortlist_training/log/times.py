"""Times: seconds since 1970 in UTC, from whatever form the file gave them."""

from dataclasses import dataclass

import polars as pl

UNITS = {"milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
_LATEST_SECONDS = 2.6e11
"""The year 10209: a larger number counts smaller units. The end of 9999, which stands for "never", is still seconds."""

_ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?\s?(Z|z|UTC|[+-]\d{2}(:?\d{2})?)?)?$"
_NAMED_MONTH = r"^\d{1,2}[- ][A-Za-z]{3}[- ]\d{4}$"


@dataclass(frozen=True, slots=True)
class Seconds:
    """Times as seconds; null where the value was missing or is no time.

    Attributes:
        values: Float64.
        unit: What numbers were counted in, when not seconds.
    """

    values: pl.Series
    unit: str | None = None


def read_seconds(values: pl.Series) -> Seconds:
    """Read dates, datetimes (naive ones are UTC), epoch numbers, ISO text and 31-Dec-2017; anything else is null."""
    if isinstance(values.dtype, pl.Datetime):
        return Seconds(_epoch(values))
    if isinstance(values.dtype, pl.Date):
        return Seconds(_epoch(values.cast(pl.Datetime("us"))))
    if values.dtype.is_numeric():
        return _from_numbers(values.cast(pl.Float64))
    if isinstance(values.dtype, pl.String):
        return _from_text(values)
    return Seconds(pl.Series(values.name, [None] * len(values), dtype=pl.Float64))


def unit_of(largest: float) -> str | None:
    """Return what a number this large counts, None when seconds."""
    for unit, per_second in reversed(UNITS.items()):
        # Each unit begins where the last second of the one before it ends.
        if abs(largest) >= _LATEST_SECONDS * per_second / 1e3:
            return unit
    return None


def _from_numbers(numbers: pl.Series) -> Seconds:
    finite = numbers.set(~numbers.is_finite(), None)
    unit = unit_of(finite.abs().max() or 0.0)  # type: ignore[arg-type]
    return Seconds(finite / UNITS[unit] if unit else finite, unit)


def _from_text(texts: pl.Series) -> Seconds:
    stripped = texts.str.strip_chars()
    numbers = stripped.cast(pl.Float64, strict=False)
    if 2 * numbers.count() >= stripped.count():
        return _from_numbers(numbers)
    # Few distinct days or seconds stand behind many rows, and parsing text is the slow part of reading a log.
    distinct = stripped.unique()
    parsed = _parse(distinct)
    return Seconds(stripped.replace_strict(distinct, parsed, return_dtype=pl.Float64).alias(texts.name))


def _parse(texts: pl.Series) -> pl.Series:
    """Parse text; only whole matches of the two forms are times, so that "2017-01" or "7 Jan" stay text."""
    column = pl.col("text")
    iso = pl.when(column.str.contains(_ISO)).then(column.str.replace("^(.{10})T", "$1 ").str.replace(",", "."))
    zone = iso.str.extract(r":\d{2}\S*?\s?([+-]\d{2}:?(?:\d{2})?)$")
    local = iso.str.replace(r"\s?(Z|z|UTC)$", "").str.replace(r"(:\d{2}\S*?)\s?[+-]\d{2}:?(?:\d{2})?$", "$1")
    moment = pl.coalesce(
        local.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us"),
        local.str.to_datetime("%Y-%m-%d %H:%M", strict=False, time_unit="us"),
        local.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")),
        pl.when(column.str.contains(_NAMED_MONTH))
        .then(column.str.replace_all(" ", "-"))
        .str.to_date("%d-%b-%Y", strict=False)
        .cast(pl.Datetime("us")),
    )
    sign = pl.when(zone.str.starts_with("-")).then(-1.0).otherwise(1.0)
    hours = zone.str.slice(1, 2).cast(pl.Float64)
    minutes = zone.str.replace(":", "").str.slice(3, 2).cast(pl.Float64, strict=False).fill_null(0.0)
    offset = (sign * (hours * 3600 + minutes * 60)).fill_null(0.0)
    frame = texts.alias("text").to_frame()
    return frame.select((moment.dt.timestamp("us") / 1e6 - offset).alias("seconds"))["seconds"]


def _epoch(moments: pl.Series) -> pl.Series:
    if isinstance(moments.dtype, pl.Datetime) and moments.dtype.time_unit == "ns":
        return moments.dt.timestamp("ns").cast(pl.Float64) / 1e9
    return moments.dt.timestamp("us").cast(pl.Float64) / 1e6
