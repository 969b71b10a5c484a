"""Files of items and customers, cell by cell."""

from datetime import UTC, date, datetime

import pytest

from shortlist_client import UsageError
from shortlist_client.commands.described_file import customers_of, ids_of, items_of
from shortlist_client.commands.table_file import cell_moment, cell_value


def written(folder, text, name="items.csv"):
    path = folder / name
    path.write_text(text)
    return path


def test_items_of_a_csv_file(tmp_path):
    text = (
        "item_id,price,kind,tags,organic,available_from,available_until\n"
        '7,2.5,milk,"[""even"", ""third""]",true,2020-01-01,12.5\n'
        "007,,nuts,a|b,,,\n"
    )
    first, second = items_of(written(tmp_path, text))
    assert first.item_id == "7"
    assert first.attributes == {"price": 2.5, "kind": "milk", "tags": ["even", "third"], "organic": True}
    assert (first.available_from, first.available_until) == (1_577_836_800.0, 12.5)
    assert second.item_id == "007"
    assert second.attributes == {"kind": "nuts", "tags": "a|b"}
    assert (second.available_from, second.available_until) == (None, None)


def test_items_of_a_parquet_file(tmp_path):
    polars = pytest.importorskip("polars")
    path = tmp_path / "items.parquet"
    columns = {
        "item_id": [1, 2], "price": [2.5, float("nan")], "tags": [["a", None], None], "since": [date(2020, 1, 1), None],
        "available_from": [datetime(2020, 1, 1), None],
    }  # fmt: skip
    polars.DataFrame(columns).write_parquet(path)
    first, second = items_of(path)
    assert (first.item_id, first.available_from) == ("1", datetime(2020, 1, 1, tzinfo=UTC))
    assert first.attributes == {"price": 2.5, "tags": ["a"], "since": datetime(2020, 1, 1, tzinfo=UTC)}
    assert (second.item_id, second.attributes, second.available_from) == ("2", {}, None)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("item_id,price\na,1\n,2\n", "items.csv, row 2, column item_id: is empty"),
        ("id,price\na,1\n", "there is no column item_id; there is id, price"),
        ("item_id,available_from\na,soon\n", "items.csv, row 1, column available_from: .*soon"),
        ("item_id,price\na,1,2\n", "items.csv, row 1, column .none.: the row has more cells"),
        ('item_id,price\na,"1\n', "items.csv: cannot be read as CSV"),
    ],
)
def test_what_cannot_be_meant_is_named(tmp_path, text, where):
    with pytest.raises(UsageError, match=where):
        list(items_of(written(tmp_path, text)))


def test_an_empty_cell_of_a_customer_says_nothing_or_clears(tmp_path):
    path = written(tmp_path, "customer_id,age,town\nanna,34,\n", "customers.csv")
    assert list(customers_of(path, empty_clears=False)) == [("anna", {"age": 34})]
    assert list(customers_of(path, empty_clears=True)) == [("anna", {"age": 34, "town": None})]


def test_ids_of_a_table_or_of_lines(tmp_path):
    assert list(ids_of(written(tmp_path, "item_id,x\na,1\nb,2\n"), "item_id")) == ["a", "b"]
    assert list(ids_of(written(tmp_path, "a\n\n b \n", "gone.txt"), "item_id")) == ["a", "b"]
    with pytest.raises(UsageError, match=r"gone\.csv, row 1, column item_id"):
        list(ids_of(written(tmp_path, "item_id,x\n,1\n", "gone.csv"), "item_id"))


@pytest.mark.parametrize("cell", [b"bytes", {"a": 1}, object()])
def test_what_cannot_be_sent_is_refused(cell):
    with pytest.raises(ValueError, match="takes text, numbers"):
        cell_value(cell)


def test_moments_are_seconds_or_times():
    assert cell_moment("") is None
    assert cell_moment(5) == 5
    for cell in (True, ["a"]):
        with pytest.raises(ValueError, match="takes seconds or a time"):
            cell_moment(cell)
