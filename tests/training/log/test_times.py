from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_training.log.times import read_seconds

NOON = 1_485_864_000.0
"""2017-01-31T12:00:00Z."""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2017-01-31T12:00:00Z", NOON),
        ("2017-01-31 12:00:00", NOON),
        ("2017-01-31 12:00", NOON),
        ("2017-01-31T12:00:00.250", NOON + 0.25),
        ("2017-01-31T12:00:00,250Z", NOON + 0.25),
        ("2017-01-31T14:00:00+02:00", NOON),
        ("2017-01-31T09:30:00-0230", NOON),
        ("2017-01-31T14:00+02", NOON),
        ("2017-01-31 12:00:00 UTC", NOON),
        (" 2017-01-31 ", NOON - 43200),
        ("31-Jan-2017", NOON - 43200),
        ("31 Jan 2017", NOON - 43200),
        ("0001-01-01", -62135596800.0),
        ("yesterday", None),
        ("2017-01", None),
        ("2017-13-01", None),
        ("2017-02-30", None),
        ("31-Foo-2017", None),
        ("2017-01-31T25:00:00", None),
        ("31/01/2017", None),
    ],
)
def test_text(text: str, seconds: float | None) -> None:
    assert read_seconds(pl.Series([text])).values[0] == seconds


@pytest.mark.parametrize(
    ("values", "seconds", "unit"),
    [
        ([NOON], NOON, None),
        ([int(NOON)], NOON, None),
        ([int(NOON * 1e3) + 250], NOON + 0.25, "milliseconds"),
        ([int(NOON * 1e6)], NOON, "microseconds"),
        ([int(NOON) * 10**9], NOON, "nanoseconds"),
        ([3], 3.0, None),
        ([253402300799], 253402300799.0, None),
        (["1485864000"], NOON, None),
        (["1485864000000"], NOON, "milliseconds"),
        ([date(2017, 1, 31)], NOON - 43200, None),
        ([datetime(2017, 1, 31, 12)], NOON, None),
        ([datetime(2017, 1, 31, 14, tzinfo=timezone(timedelta(hours=2)))], NOON, None),
    ],
)
def test_other_forms(values: list[object], seconds: float, unit: str | None) -> None:
    read = read_seconds(pl.Series("timestamp", values))

    assert read.values.to_list() == [seconds]
    assert read.values.name == "timestamp"
    assert read.unit == unit


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_units_of_datetimes(unit: pl._typing.TimeUnit) -> None:
    values = pl.Series([datetime(2017, 1, 31, 12, 0, 0, 250_000), None]).cast(pl.Datetime(unit))

    assert read_seconds(values).values.to_list() == [NOON + 0.25, None]


def test_what_is_no_time_is_null() -> None:
    assert read_seconds(pl.Series([float("nan"), float("inf"), 1.0])).values.to_list() == [None, None, 1.0]
    assert read_seconds(pl.Series([[1], [2]])).values.to_list() == [None, None]
    assert read_seconds(pl.Series([None, None])).values.to_list() == [None, None]


moments = st.datetimes(datetime(1000, 1, 1), datetime(4000, 1, 1))
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.lists(st.tuples(moments, zones), min_size=1, max_size=5))
def test_iso_text_of_any_zone_is_read_as_python_reads_it(rows: list[tuple[datetime, timezone]]) -> None:
    zoned = [moment.replace(tzinfo=zone) for moment, zone in rows]

    read = read_seconds(pl.Series([moment.isoformat() for moment in zoned])).values

    assert read.to_list() == pytest.approx([moment.timestamp() for moment in zoned], abs=1e-5)


@given(st.lists(moments, min_size=1, max_size=5))
def test_text_and_datetimes_agree(rows: list[datetime]) -> None:
    text = pl.Series([f"{moment.isoformat(sep=' ')}" for moment in rows])

    assert read_seconds(text).values.to_list() == pytest.approx(
        read_seconds(pl.Series(rows)).values.to_list(), abs=1e-5
    )
    assert read_seconds(pl.Series(rows)).values.to_list() == pytest.approx(
        [moment.replace(tzinfo=UTC).timestamp() for moment in rows], abs=1e-5
    )
