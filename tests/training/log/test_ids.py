from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_training.errors import DataError
from shortlist_training.log.ids import read_ids
from shortlist_training.log.raw_table import Part, RawTable


def table(values: object, *, is_text: bool = False, dtype: pl.DataType | None = None) -> RawTable:
    frame = pl.DataFrame({"item_id": pl.Series(values, dtype=dtype)})
    return RawTable(name="items", frame=frame, parts=(Part(Path("items.file"), frame.height),), is_text=is_text)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([12, 7], ["12", "7"]),
        ([12.0, 7.0], ["12", "7"]),
        ([12.5, 7.0], ["12.5", "7.0"]),
        (["007", " a b"], ["007", " a b"]),
        (["12.0", "7.0"], ["12.0", "7.0"]),
        ([True, False], ["true", "false"]),
        ([Decimal(12), Decimal(7)], ["12", "7"]),
    ],
)
def test_text_of_typed_ids(values: list[object], texts: list[str]) -> None:
    assert read_ids(table(values), "item_id").to_list() == texts


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        (["12.0", "7.0"], ["12", "7"]),
        (["12.0", "7"], ["12.0", "7"]),
        (["12.0", "x.0"], ["12.0", "x.0"]),
        (["1.10", "1.20"], ["1.10", "1.20"]),
        (["100", "200"], ["100", "200"]),
    ],
)
def test_cells_of_csv_lose_the_decimals_only_when_all_are_zero(cells: list[str], texts: list[str]) -> None:
    assert read_ids(table(cells, is_text=True), "item_id").to_list() == texts


@pytest.mark.parametrize("values", [["a", None], ["a", ""], ["a", " "], [1, None], [1.0, float("nan")], [1.0, None]])
def test_an_empty_id_is_named_by_its_row(values: list[object]) -> None:
    with pytest.raises(DataError, match=r"items\.file, column 'item_id', row 2: the id is empty") as caught:
        read_ids(table(values), "item_id")

    assert caught.value.row == 2


def test_floats_that_have_lost_digits_are_refused() -> None:
    with pytest.raises(DataError, match="last digits are lost"):
        read_ids(table([1.0, 1e17]), "item_id")


@pytest.mark.parametrize("values", [[["a"]], [{"a": 1}], [b"a"]])
def test_types_without_text_are_refused(values: list[object]) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_ids(table(values), "item_id")


@given(st.lists(st.integers(-(2**53) + 1, 2**53 - 1), min_size=1))
def test_integers_are_the_same_ids_from_every_type(numbers: list[int]) -> None:
    texts = [str(number) for number in numbers]

    assert read_ids(table(numbers, dtype=pl.Int64()), "item_id").to_list() == texts
    assert read_ids(table([float(number) for number in numbers]), "item_id").to_list() == texts
    assert read_ids(table(texts, is_text=True), "item_id").to_list() == texts
    assert read_ids(table([f"{text}.0" for text in texts], is_text=True), "item_id").to_list() == texts
