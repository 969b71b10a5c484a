from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.errors import ConfigError, DataError
from shortlist_training.log import DataConfig, FeedbackKind, Log, LogPaths, read_log

INTERACTIONS = pl.DataFrame(
    {
        "customer_id": ["c2", "c1", "c2", "c3"],
        "item_id": ["i1", "i1", "i2", "i9"],
        "timestamp": [300, 100, 200, 200],
        "value": [1.0, 2.0, 1.0, 3.0],
        "order_id": ["o3", "o1", "o2", None],
        "device": ["phone", "web", "web", None],
    }
)
ITEMS = pl.DataFrame(
    {
        "item_id": ["i1", "i2"],
        "price": [1.5, None],
        "genres": ["a|b", "b"],
        "available_from": ["2017-01-31", None],
        "loyal": [True, False],
    }
)
CUSTOMERS = pl.DataFrame({"customer_id": ["c1", "c2"], "age": [30, 40]})


def same(one: Log, other: Log) -> bool:
    tables = zip(
        (one.interactions, one.customers, one.items), (other.interactions, other.customers, other.items), strict=True
    )
    return one.columns == other.columns and all(
        left.equals(right) and left.schema == right.schema
        for left, right in tables
        if left is not None and right is not None
    )


def test_the_whole_contract(write) -> None:  # type: ignore[no-untyped-def]
    write("interactions.parquet", INTERACTIONS)
    write("items.parquet", ITEMS)
    log = read_log(write("customers.parquet", CUSTOMERS))

    assert dict(log.interactions.schema) == {
        "customer_id": pl.String,
        "item_id": pl.String,
        "timestamp": pl.Float64,
        "value": pl.Float32,
        "order_id": pl.String,
        "device": pl.String,
    }
    assert log.interactions["timestamp"].to_list() == [300, 100, 200, 200]
    assert log.columns == {
        "interactions": {"device": ColumnKind.CATEGORY},
        "customers": {"age": ColumnKind.NUMBER},
        "items": {"price": ColumnKind.NUMBER, "genres": ColumnKind.CATEGORIES, "loyal": ColumnKind.FLAG},
    }
    assert log.items is not None
    assert log.items.to_dict(as_series=False) == {
        "item_id": ["i1", "i2"],
        "available_from": [1485820800.0, None],
        "price": [1.5, None],
        "genres": [["a", "b"], ["b"]],
        "loyal": [True, False],
    }
    assert log.availability == ("available_from",)
    assert (log.feedback, log.repeats, log.rating_scale) == (FeedbackKind.IMPLICIT, False, None)
    assert log.report.unknown["items"].interactions == 1
    assert log.report.unknown["items"].example == "i9"
    assert log.report.unknown["customers"].share == 0.25


def test_two_columns_are_enough(write) -> None:  # type: ignore[no-untyped-def]
    log = read_log(write("interactions.csv", "customer_id,item_id\n1,2\n"))

    assert log.interactions.to_dicts() == [{"customer_id": "1", "item_id": "2", "value": 1.0}]
    assert (log.customers, log.items, log.availability) == (None, None, ())
    assert log.columns == {"interactions": {}, "customers": {}, "items": {}}


def test_csv_and_parquet_give_the_same_log(tmp_path: Path) -> None:
    for ending in ("csv", "parquet"):
        (tmp_path / ending).mkdir()
        for name, frame in (("interactions", INTERACTIONS), ("items", ITEMS), ("customers", CUSTOMERS)):
            path = tmp_path / ending / f"{name}.{ending}"
            frame.write_csv(path) if ending == "csv" else frame.write_parquet(path)

    assert same(read_log(tmp_path / "csv"), read_log(tmp_path / "parquet"))


ids = st.text("abc012.", min_size=1, max_size=4).filter(str.strip)
rows = st.tuples(
    ids,
    ids,
    st.floats(-1e9, 1e10),
    st.none() | st.floats(1, 5, width=32),
    st.none() | st.sampled_from(["phone", "web", "tv set"]),
    st.none() | st.booleans(),
)
SCHEMA = {
    "customer_id": pl.String,
    "item_id": pl.String,
    "timestamp": pl.Float64,
    "rating": pl.Float32,
    "device": pl.String,
    "loyal": pl.Boolean,
}


@settings(deadline=None, max_examples=30)
@given(st.lists(rows, min_size=1, max_size=12), st.integers(1, 4))
def test_parts_and_formats_do_not_matter(tmp_path_factory: pytest.TempPathFactory, log: list[object], cut: int) -> None:
    frame = pl.DataFrame(log, schema=SCHEMA, orient="row")
    if frame["customer_id"].str.contains(r"^\d+\.0+$").all() or frame["item_id"].str.contains(r"^\d+\.0+$").all():
        return  # The one place where CSV, which has no types, is read otherwise.
    folder = tmp_path_factory.mktemp("log")
    frame.write_parquet(folder / "whole.parquet")
    frame.write_csv(folder / "whole.csv", float_precision=12)
    for number, part in enumerate(frame.iter_slices(cut)):
        (folder / "parts").mkdir(exist_ok=True)
        part.write_parquet(folder / "parts" / f"part-{number}.parquet")

    whole = read_log(LogPaths(interactions=folder / "whole.parquet"))

    assert same(whole, read_log(LogPaths(interactions=folder / "parts")))
    from_csv = read_log(LogPaths(interactions=folder / "whole.csv"))
    assert from_csv.columns == whole.columns
    assert from_csv.interactions.drop("timestamp").equals(whole.interactions.drop("timestamp"))
    assert from_csv.interactions["timestamp"].to_list() == pytest.approx(whole.interactions["timestamp"].to_list())


def test_rows_of_parts_are_numbered_within_their_file(write) -> None:  # type: ignore[no-untyped-def]
    write("interactions-1.csv", "customer_id,item_id\n1,1\n2,2\n")
    folder = write("interactions-2.csv", "customer_id,item_id\n3,3\n4,\n")

    with pytest.raises(DataError, match=r"interactions-2\.csv, column 'item_id', row 2: the id is empty"):
        read_log(folder)


def test_a_column_that_only_some_parts_have_is_noted(write) -> None:  # type: ignore[no-untyped-def]
    write("interactions-1.csv", "customer_id,item_id\n1,1\n2,2\n")
    log = read_log(write("interactions-2.csv", "customer_id,item_id,device\n3,3,web\n4,4,tv\n"))

    assert log.interactions["device"].to_list() == [None, None, "web", "tv"]
    assert "interactions.device: missing from 1 of 2 parts, and empty there" in log.report.notes


def test_parts_of_different_types(write) -> None:  # type: ignore[no-untyped-def]
    write("interactions-1.parquet", pl.DataFrame({"customer_id": [1], "item_id": ["a"]}))
    folder = write("interactions-2.parquet", pl.DataFrame({"customer_id": [[1]], "item_id": ["a"]}))

    with pytest.raises(DataError, match=r"interactions-2\.parquet, column 'customer_id'.*interactions-1\.parquet"):
        read_log(folder)


HEADER = "customer_id,item_id,timestamp,value,rating\n"


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        ("customer,item_id\n1,1\n", ("customer_id", None), "there are customer, item_id. Rename 'customer' to"),
        ("user_id,item_id\n1,1\n", ("customer_id", None), "Rename 'user_id' to 'customer_id'"),
        ("a,item_id\n1,1\n", ("customer_id", None), "Add it"),
        ("customer_id,item_id\n", (None, None), "the table 'interactions' has no rows"),
        ("customer_id,item_id\n1,1\n,2\n", ("customer_id", 2), "the id is empty"),
        (HEADER + "1,1,5,1,1\n1,2,soon,1,1\n", ("timestamp", 2), "'soon' is not a time. Times are"),
        (HEADER + "1,1,5,1,1\n1,2,,1,1\n", ("timestamp", 2), "the time is empty"),
        (HEADER + "1,1,1600000000000,1,1\n1,2,1600000000,1,1\n", ("timestamp", 2), "cannot count milliseconds"),
        (HEADER + "1,1,5,one,1\n", ("value", 1), "'one' is not a number"),
        (HEADER + "1,1,5,nan,1\n", ("value", 1), "'nan' is not a number"),
        (HEADER + "1,1,5,inf,1\n", ("value", 1), "inf is not a finite number"),
        (HEADER + "1,1,5,1,1\n1,1,5,-2,1\n", ("value", 2), "the value -2 is negative. Give what takes back"),
        (HEADER + "1,1,5,1,x\n", ("rating", 1), "'x' is not a number"),
        (HEADER + "1,1,5,1,NaN\n", ("rating", 1), "'NaN' is not a number"),
        (HEADER + "1,1,5,0,1\n", (None, None), "no interaction counts more than 0"),
    ],
)
def test_bad_interactions(write, content: str, place: tuple[str | None, int | None], words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError) as caught:
        read_log(write("interactions.csv", content))

    assert words in str(caught.value)
    assert caught.value.file is not None
    assert caught.value.file.name == "interactions.csv"
    assert (caught.value.column, caught.value.row) == place


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("rating", [4.0, float("nan")], "row 2: nan is not a number"),
        ("rating", [4.0, float("inf")], "row 2: inf is not a finite number"),
        ("value", [4.0, float("nan")], "row 2: nan is not a number"),
        ("timestamp", [4.0, float("nan")], "row 2: nan is not a time"),
        ("timestamp", [[1], [2]], "is not a time"),
        ("rating", [[1], [2]], "is not a number"),
    ],
)
def test_bad_numbers_in_parquet(write, column: str, values: list[object], words: str) -> None:  # type: ignore[no-untyped-def]
    frame = pl.DataFrame({"customer_id": ["a", "b"], "item_id": ["a", "b"], column: values})

    with pytest.raises(DataError) as caught:
        read_log(write("interactions.parquet", frame))

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("item_id,price\n1,2\n2,3\n1,4\n", "row 3: the id '1' stands in rows 1, 3. Keep one row"),
        ("item_id,price\n1,2\n,3\n", "row 2: the id is empty"),
        ("sku,price\n1,2\n", "Rename 'sku' to 'item_id'"),
        ("item_id,price\n", "the table 'items' has no rows"),
        ("item_id,available_until\n1,2017-01-31\n2,never\n", "column 'available_until', row 2: 'never' is not a time"),
        ("item_id,price\n1,2,3\n", "row 1: 3 cells where the header names 2"),
    ],
)
def test_bad_items(write, content: str, words: str) -> None:  # type: ignore[no-untyped-def]
    write("interactions.csv", "customer_id,item_id\n1,1\n")

    with pytest.raises(DataError) as caught:
        read_log(write("items.csv", content))

    assert words in str(caught.value)
    assert "items.csv" in str(caught.value)


def test_the_same_id_in_two_parts(write) -> None:  # type: ignore[no-untyped-def]
    write("interactions.csv", "customer_id,item_id\n1,1\n")
    write("items-1.csv", "item_id\n1\n2\n")

    with pytest.raises(DataError, match=r"items-2\.csv, column 'item_id', row 2: .* rows 2, 2 of items-2\.csv"):
        read_log(write("items-2.csv", "item_id\n3\n2\n"))


@pytest.mark.parametrize("content", [b"", b"PAR1xxxxPAR1", b"customer_id,item_id\n1,1\n"])
def test_corrupt_parquet(write, content: bytes) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError, match=r"interactions\.parquet: not a readable Parquet file"):
        read_log(write("interactions.parquet", content))


def test_parquet_broken_in_the_middle(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write("interactions.parquet", pl.DataFrame({"customer_id": [f"{n}" for n in range(999)], "item_id": ["x"] * 999}))
    path = tmp_path / "interactions.parquet"
    content = bytearray(path.read_bytes())
    content[4:400] = bytes(396)
    path.write_bytes(content)

    with pytest.raises(DataError, match=r"interactions\.parquet: not a readable Parquet file"):
        read_log(tmp_path)


def test_the_configuration_beside_the_tables_is_read(write) -> None:  # type: ignore[no-untyped-def]
    write("interactions.csv", "customer_id,item_id,rating,device\n1,1,4,web\n1,2,5,tv\n")
    settings = 'feedback = "both"\nrepeats = true\nrating_scale = [0, 10]\ncolumns.interactions.device = "ignore"\n'
    folder = write("shortlist.toml", f"[data]\n{settings}")

    log = read_log(folder)

    assert (log.feedback, log.repeats, log.rating_scale) == (FeedbackKind.BOTH, True, (0.0, 10.0))
    assert "device" not in log.interactions.columns
    assert log.report.feedback_reason == "said by the configuration"
    assert [(entry.column, entry.reason) for entry in log.report.dropped] == [
        ("device", "ignored by the configuration")
    ]
    assert read_log(folder, DataConfig()).feedback is FeedbackKind.RATINGS


def test_a_wrong_configuration_beside_the_tables(write) -> None:  # type: ignore[no-untyped-def]
    write("interactions.csv", "customer_id,item_id\n1,1\n")

    with pytest.raises(ConfigError, match=r"shortlist\.toml"):
        read_log(write("shortlist.toml", "[data]\nrepeat = true\n"))


def test_ratings_off_the_configured_scale(write) -> None:  # type: ignore[no-untyped-def]
    folder = write("interactions.csv", "customer_id,item_id,rating\n1,1,4\n1,2,6\n")

    with pytest.raises(DataError, match=r"column 'rating', row 2: the rating 6 is outside the scale 1 to 5"):
        read_log(folder, DataConfig(rating_scale=(1.0, 5.0)))


def test_overrides_of_columns(write) -> None:  # type: ignore[no-untyped-def]
    write("interactions.csv", "customer_id,item_id\n1,1\n")
    folder = write("items.csv", "item_id,size,stock\n1,7,1\n2,9,1\n")
    kinds = {"items": {"size": ColumnKind.CATEGORY, "stock": ColumnKind.FLAG}}

    log = read_log(folder, DataConfig(columns=kinds))

    assert log.columns["items"] == kinds["items"]
    assert log.items is not None
    assert log.items.rows() == [("1", "7", True), ("2", "9", True)]


def test_overrides_that_do_not_fit(write) -> None:  # type: ignore[no-untyped-def]
    write("interactions.csv", "customer_id,item_id\n1,1\n")
    folder = write("items.csv", "item_id,size\n1,7\n2,large\n")

    with pytest.raises(DataError, match=r"items\.csv, column 'size', row 2: 'large' is not a number\. Correct it, or"):
        read_log(folder, DataConfig(columns={"items": {"size": ColumnKind.NUMBER}}))
    with pytest.raises(DataError, match=r"column 'sise': .*not in the table. Did you mean 'size'\?"):
        read_log(folder, DataConfig(columns={"items": {"sise": ColumnKind.NUMBER}}))


def test_ignored_and_empty_columns_of_the_contract_are_as_if_absent(write) -> None:  # type: ignore[no-untyped-def]
    folder = write("interactions.csv", "customer_id,item_id,rating,timestamp\n1,1,x,\n1,2,y,\n")

    log = read_log(folder, DataConfig(columns={"interactions": {"rating": None}}))

    assert log.interactions.columns == ["customer_id", "item_id", "value"]
    assert {entry.column: entry.reason for entry in log.report.dropped} == {
        "rating": "ignored by the configuration",
        "timestamp": "no value at all",
    }


def test_ratings_that_are_not_there(write) -> None:  # type: ignore[no-untyped-def]
    folder = write("interactions.csv", "customer_id,item_id\n1,1\n")

    with pytest.raises(ConfigError, match=r"feedback = 'both', but the log has no column 'rating'"):
        read_log(folder, DataConfig(feedback=FeedbackKind.BOTH))


def test_items_that_are_never_available_are_noted(write) -> None:  # type: ignore[no-untyped-def]
    write("interactions.csv", "customer_id,item_id\n1,1\n")
    log = read_log(
        write("items.csv", "item_id,available_from,available_until\n1,2017-01-02,2017-01-01\n2,,2017-01-01\n")
    )

    assert log.report.notes == ("items: 1 end before they begin, such as '1': never available",)


def test_notes_tell_what_was_taken_for_missing_and_turned(write) -> None:  # type: ignore[no-untyped-def]
    write("interactions.csv", "customer_id,item_id,timestamp,value\n1,1,1600000000000,2\n1,2,1600000001000,\n")
    log = read_log(write("items.csv", "item_id,price,seen_at\n1,NA,1600000000000\n2,3,1600000001000\n3,4,\n"))

    assert set(log.report.notes) == {
        "interactions.timestamp: counts milliseconds; turned into seconds",
        "interactions.value: 1 missing values count value 1",
        "items.price: 1 values such as 'NA' count as missing",
        "items.seen_at: counts milliseconds; turned into seconds",
    }
    assert log.interactions["timestamp"].to_list() == [1.6e9, 1.6e9 + 1]
    assert log.interactions["value"].to_list() == [2.0, 1.0]
