from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.values import category
from shortlist_training.log.conversion import convert

NUMBER, CATEGORY, FLAG, CATEGORIES, TEXT, TIME = ColumnKind
DTYPES = {
    NUMBER: pl.Float64(),
    CATEGORY: pl.String(),
    FLAG: pl.Boolean(),
    CATEGORIES: pl.List(pl.String()),
    TEXT: pl.String(),
    TIME: pl.Float64(),
}


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, None, 3], NUMBER, [1.0, None, 3.0]),
        ([1.5, float("nan"), float("inf")], NUMBER, [1.5, None, None]),
        ([" 1.5", "NA", "", None], NUMBER, [1.5, None, None, None]),
        ([True, False], NUMBER, [1.0, 0.0]),
        (["yes", "N", "?", None], FLAG, [True, False, None, None]),
        ([0, 1, None], FLAG, [False, True, None]),
        ([0.0, 1.0, float("nan")], FLAG, [False, True, None]),
        (["a", "", None, " b "], CATEGORY, ["a", None, None, "b"]),
        ([2.0, 69.0, None], CATEGORY, ["2", "69", None]),
        (["2.0", "69.0", None], CATEGORY, ["2", "69", None]),
        ([1.5, 2.0, None, float("nan"), float("inf")], CATEGORY, ["1.5", "2", None, None, None]),
        (["1.5", "2.0", None], CATEGORY, ["1.5", "2", None]),
        (["1.10", "2.0"], CATEGORY, ["1.10", "2.0"]),
        (["2", "2.0"], CATEGORY, ["2", "2.0"]),
        ([2, 69], CATEGORY, ["2", "69"]),
        ([True, False], CATEGORY, ["true", "false"]),
        (["02460"], CATEGORY, ["02460"]),
        (["a|b ", "b||a", None, ""], CATEGORIES, [["a", "b"], ["b", "a"], None, None]),
        ([["a", None, ""], [], None], CATEGORIES, [["a"], [], None]),
        ([[1, 2], [3]], CATEGORIES, [["1", "2"], ["3"]]),
        ([[1.5, 2.0, None], [], None], CATEGORIES, [["1.5", "2"], [], None]),
        ([2.0, None], CATEGORIES, [["2"], None]),
        (["01-Jan-1970", None], TIME, [0.0, None]),
        ([date(1970, 1, 2)], TIME, [86400.0]),
    ],
)
def test_values(values: list[object], kind: ColumnKind, expected: list[object]) -> None:
    converted = convert(pl.Series("column", values), kind)

    assert converted.to_list() == expected
    assert converted.dtype == DTYPES[kind]
    assert converted.name == "column"


def test_arrays_of_a_fixed_width_are_categories() -> None:
    values = pl.Series([["a", "b"], ["c", "d"]], dtype=pl.Array(pl.String, 2))

    assert convert(values, CATEGORIES).to_list() == [["a", "b"], ["c", "d"]]


@given(st.lists(st.none() | st.floats(allow_infinity=False), min_size=1, max_size=6))
def test_a_float_is_the_category_that_a_request_makes_of_it(numbers: list[float | None]) -> None:
    converted = convert(pl.Series(numbers, dtype=pl.Float64), CATEGORY)

    assert converted.to_list() == [category("column", number) for number in numbers]


@given(st.lists(st.integers(-999, 999).map(lambda hundredths: hundredths / 100), min_size=1, max_size=6))
def test_the_width_of_the_float_and_the_format_of_the_file_make_no_difference(numbers: list[float]) -> None:
    wide = convert(pl.Series(numbers, dtype=pl.Float64), CATEGORY)

    assert convert(pl.Series(numbers, dtype=pl.Float32), CATEGORY).equals(wide)
    assert convert(pl.Series([repr(number) for number in numbers]), CATEGORY).equals(wide)


columns = st.sampled_from(["1", "0", "yes", "2017-01-01", "a b", "", "x|y", "007"]) | st.none()


@given(st.lists(columns, min_size=1, max_size=6), st.sampled_from(list(ColumnKind)))
def test_every_kind_has_one_type_and_conversion_is_stable(texts: list[str | None], kind: ColumnKind) -> None:
    once = convert(pl.Series(texts, dtype=pl.String), kind)

    assert once.dtype == DTYPES[kind]
    assert convert(once, kind).equals(once)
