from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.log.inference import infer_kind

NUMBER, CATEGORY, FLAG, CATEGORIES, TEXT, TIME = ColumnKind
TITLES = [f"The tale of number {number}" for number in range(30)]
URLS = [f"http://example.org/{number}" for number in range(30)]


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        # Types that say it themselves.
        ("loyal", [True, False, None], FLAG),
        ("genres", [["a"], ["b", "a"], []], CATEGORIES),
        ("since", [date(2017, 1, 1), date(2018, 1, 1)], TIME),
        ("since", [datetime(2017, 1, 1), datetime(2018, 1, 1)], TIME),
        ("visit", [timedelta(seconds=3), timedelta(seconds=5)], NUMBER),
        ("price", [Decimal("1.50"), Decimal("2.50")], NUMBER),
        # Flags.
        ("loyal", [0, 1, 1], FLAG),
        ("loyal", [0.0, 1.0, None], FLAG),
        ("loyal", ["0", "1"], FLAG),
        ("loyal", ["0.0", "1.0"], FLAG),
        ("loyal", ["yes", "No", None], FLAG),
        ("loyal", ["true", "false"], FLAG),
        ("loyal", ["Y", "N"], FLAG),
        ("loyal", [None, "yes"], FLAG),
        ("gender", ["M", "F"], CATEGORY),
        # Numbers.
        ("age", [20, 30, 40], NUMBER),
        ("age", ["20", "30", ""], NUMBER),
        ("age", ["20", "NA", "30"], NUMBER),
        ("price", [1.5, 2.5, float("nan")], NUMBER),
        ("price", ["1.5", "1e3"], NUMBER),
        ("kids_count", ["1", "2", "3+"], CATEGORY),
        ("year", [1995.0, 1996.0], NUMBER),
        # Codes and classes by name.
        ("zip_code", [85711, 94043], CATEGORY),
        ("zip", ["85711", "94043"], CATEGORY),
        ("manufacturer_id", [2.0, 69.0], CATEGORY),
        ("manufacturerId", [2, 69], CATEGORY),
        ("storeID", [2, 69], CATEGORY),
        ("occupation", [4, 20], CATEGORY),
        ("main genre", [4, 20], CATEGORY),
        ("paid", [4, 20], NUMBER),
        ("aid", [4.5, 20], NUMBER),
        ("weight_id", [4.5, 20], NUMBER),
        # Leading zeros are a spelling, not a number.
        ("area", ["02460", "48067"], CATEGORY),
        ("score", ["0.5", "0", "2"], NUMBER),
        # Times.
        ("release_date", ["01-Jan-1995", "22-Jan-1996"], TIME),
        ("joined", ["2017-01-31", "2018-01-31T12:00:00Z"], TIME),
        ("joined", ["2017-01-31", "n/a"], TIME),
        ("joined", ["2017-01-31", "soon"], CATEGORY),
        ("created_at", [1485864000, 1485864009], TIME),
        ("createdAt", ["1485864000000", "1485864009000"], TIME),
        ("date", [20170131, 20170201], NUMBER),
        ("views", [1485864000, 1485864009], NUMBER),
        # Lists written as text.
        ("genres", ["Comedy|Drama", "Drama", "Comedy"], CATEGORIES),
        ("genres", ["Comedy|Drama", "Drama|Comedy"], CATEGORIES),
        ("title", [f"{title} | Shop" for title in TITLES[:19]] + TITLES[19:], TEXT),
        ("code", ["a|b", "c|d"], CATEGORY),
        # Text.
        ("title", TITLES, TEXT),
        ("title", ["Toy Story (1995)", "Jumanji (1995)", "Heat (1995)"], TEXT),
        ("family", ["2 Adults No Kids", "1 Adult No Kids"] * 20, CATEGORY),
        (
            "about",
            [f"A long and winding description of a thing, which goes on, number {n % 9}" for n in range(40)],
            TEXT,
        ),
        # Few rows that all differ may still repeat later.
        ("brand", ["Acme", "Bolt", "Cord"], CATEGORY),
        ("city", [None, "Rome"], CATEGORY),
    ],
)
def test_kinds(name: str, values: Sequence[object], kind: ColumnKind) -> None:
    inference = infer_kind(pl.Series(name, values))

    assert inference.kind is kind


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("empty", [None, None], "no value at all"),
        ("empty", ["", " "], "no value at all"),
        ("empty", [float("nan")], "no value at all"),
        ("empty", [[], None], "no value at all"),
        ("constant", [7, 7, 7], "the same value in every row"),
        ("constant", ["x", "x"], "the same value in every row"),
        ("url", URLS, "different in nearly every row"),
        ("serial_id", list(range(0, 300, 10)), "different in nearly every row"),
        ("Unnamed: 0", list(range(30)), "counts the rows"),
        ("n", [str(number) for number in range(1, 31)], "counts the rows"),
        ("nested", [{"a": 1}, {"a": 2}], "structure"),
        ("bytes", [b"a", b"b"], "not features"),
        ("lists", [[[1]], [[2]]], "not features"),
    ],
)
def test_columns_of_no_use(name: str, values: Sequence[object], reason: str) -> None:
    inference = infer_kind(pl.Series(name, values))

    assert inference.kind is None
    assert reason in inference.reason


def test_categoricals_are_told_by_their_text() -> None:
    assert infer_kind(pl.Series("size", ["S", "M"], dtype=pl.Categorical)).kind is CATEGORY
    assert infer_kind(pl.Series("size", ["S", "M"], dtype=pl.Enum(["S", "M"]))).kind is CATEGORY


def test_one_row_says_nothing_about_constancy() -> None:
    assert infer_kind(pl.Series("brand", ["Acme"])).kind is CATEGORY


def test_prices_that_all_differ_are_numbers() -> None:
    assert infer_kind(pl.Series("price", [number * 1.37 for number in range(100)])).kind is NUMBER
