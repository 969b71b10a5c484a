import bz2
import gzip
import lzma
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_training.errors import DataError
from shortlist_training.log.csv_file import read_csv_file


def read(tmp_path: Path, content: bytes, name: str = "items.csv") -> pl.DataFrame:
    path = tmp_path / name
    path.write_bytes(content)
    return read_csv_file(path)


def test_every_cell_is_text_and_empty_ones_are_null(tmp_path: Path) -> None:
    frame = read(tmp_path, b'item_id,price\n007,1.50\n"8",\n9,""\n')

    assert frame.to_dict(as_series=False) == {"item_id": ["007", "8", "9"], "price": ["1.50", None, None]}


def test_byte_order_mark_line_breaks_and_commas_in_quotes(tmp_path: Path) -> None:
    frame = read(tmp_path, '\ufeffitem_id,title\r\n1,"a, b\nc"\r\n2,"say ""hi"""\r\n'.encode())

    assert frame.to_dict(as_series=False) == {"item_id": ["1", "2"], "title": ["a, b\nc", 'say "hi"']}


def test_tabs(tmp_path: Path) -> None:
    assert read(tmp_path, b"item_id\ttitle\n1\ta,b\n", "items.tsv").row(0) == ("1", "a,b")


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("ending", "pack"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", zstd), (".GZ", gzip.compress)],
)
def test_compressed(tmp_path: Path, ending: str, pack: object) -> None:
    assert read(tmp_path, pack(b"item_id\n1\n2\n"), f"items.csv{ending}")["item_id"].to_list() == ["1", "2"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("content", "row", "column", "words"),
    [
        (b"a,b\n1,2\n3\n", 2, None, "1 cell where the header names 2: '3'"),
        (b"a,b\n1,2\n3,4\n5,6,7\n", 3, None, "3 cells where the header names 2: '5,6,7'"),
        (b"a,b\n1,2\n3,caf\xe9\n", 2, "b", "not UTF-8"),
        (b"a,caf\xe9\n1,2\n", None, None, "not UTF-8"),
        (b"", None, None, "the file is empty"),
        (b"a,b,a\n1,2,3\n", None, "a", "2 columns have this name"),
        (b"a,,b\n1,2,3\n", None, None, "column 2 has no name"),
        (b"a;b\n1;2\n", None, None, "separated by semicolons"),
        (b'a,b\n1,x\n2,"y\n3,z\n', 2, "b", "opened and never closed"),
    ],
)
def test_faults_name_the_place(tmp_path: Path, content: bytes, row: int | None, column: str | None, words: str) -> None:
    with pytest.raises(DataError, match=r"items\.csv") as caught:
        read(tmp_path, content)

    assert words in str(caught.value)
    assert (caught.value.row, caught.value.column) == (row, column)


def test_a_last_cell_with_a_line_break_is_no_fault(tmp_path: Path) -> None:
    assert read(tmp_path, b'a,b\n1,"x\ny"\n').row(0) == ("1", "x\ny")


def test_rows_of_the_wrong_length_deep_in_a_long_file(tmp_path: Path) -> None:
    rows = [b"%d,x" % number for number in range(200_000)]
    rows[150_000] = b"oops"

    with pytest.raises(DataError) as caught:
        read(tmp_path, b"a,b\n" + b"\n".join(rows))

    assert caught.value.row == 150_001


@pytest.mark.parametrize("content", [b"a\n1\n", gzip.compress(b"a" * 999, mtime=0)[:-9]], ids=["not-packed", "cut"])
def test_broken_compression(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path, content, "items.csv.gz")


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(
    ["a\nb", '"', ",", "\r\n"]
)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8))
def test_what_polars_writes_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "items.csv"
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    frame.write_csv(path, quote_style="always")

    empty_is_null = frame.with_columns(pl.when(pl.all() != "").then(pl.all()))

    assert read_csv_file(path).equals(empty_is_null)
