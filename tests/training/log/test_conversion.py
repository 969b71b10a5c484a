from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.features.kinds import ColumnKind
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
        ([2, 69], CATEGORY, ["2", "69"]),
        ([True, False], CATEGORY, ["true", "false"]),
        (["02460"], CATEGORY, ["02460"]),
        (["a|b ", "b||a", None, ""], CATEGORIES, [["a", "b"], ["b", "a"], None, None]),
        ([["a", None, ""], [], None], CATEGORIES, [["a"], [], None]),
        ([[1, 2], [3]], CATEGORIES, [["1", "2"], ["3"]]),
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


columns = st.sampled_from(["1", "0", "yes", "2017-01-01", "a b", "", "x|y", "007"]) | st.none()


@given(st.lists(columns, min_size=1, max_size=6), st.sampled_from(list(ColumnKind)))
def test_every_kind_has_one_type_and_conversion_is_stable(texts: list[str | None], kind: ColumnKind) -> None:
    once = convert(pl.Series(texts, dtype=pl.String), kind)

    assert once.dtype == DTYPES[kind]
    assert convert(once, kind).equals(once)
