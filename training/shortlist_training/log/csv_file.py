"""Reading one CSV file: every column as text, nothing guessed, nothing repaired."""

import csv
import io
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv

from shortlist_training.errors import DataError
from shortlist_training.log.headers import check_names
from shortlist_training.log.opening import opened

CSV_SUFFIXES = (".csv", ".tsv")


def read_csv_file(path: Path) -> pl.DataFrame:
    """Read the file as text columns; empty cells are null.

    Raises:
        DataError: Not UTF-8, a row with too few or too many cells, a quote never closed, a column name twice.
    """
    names = _read_names(path)
    try:
        with opened(path) as stream:
            table = arrow_csv.read_csv(stream, **_options(path, names))
    except pa.ArrowInvalid as error:
        raise _fault(path, names) or DataError(f"not a CSV file: {error}", file=path) from error
    frame = pl.DataFrame(pl.from_arrow(table))
    _check_closed(path, frame)
    return frame


def _delimiter(path: Path) -> str:
    return "\t" if ".tsv" in [suffix.lower() for suffix in path.suffixes] else ","


def _read_names(path: Path) -> list[str]:
    # Bytes that are not UTF-8 further down are not the header's fault: their row is found later.
    with opened(path) as stream, io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="") as text:
        names = next(csv.reader(text, delimiter=_delimiter(path)), [])
    if any("\udc80" <= letter <= "\udcff" for name in names for letter in name):
        raise _not_utf8(path, None)
    if not names:
        raise DataError("the file is empty", file=path, remedy="The first row must name the columns")
    if len(names) == 1 and ";" in names[0]:
        remedy = "Write it with commas, or with tabs as .tsv"
        raise DataError("the columns seem to be separated by semicolons", file=path, remedy=remedy)
    check_names(path, names)
    return names


def _options(path: Path, names: list[str], *, faults: list[arrow_csv.InvalidRow] | None = None) -> dict[str, object]:
    """Return how to read; with `faults`, rows of the wrong length are put there, with their numbers, and skipped."""

    def keep(row: arrow_csv.InvalidRow) -> str:
        if faults is None:
            return "error"
        faults.append(row)
        return "skip"

    return {
        # A row knows its number only when one thread reads them all.
        "read_options": arrow_csv.ReadOptions(use_threads=faults is None),
        "parse_options": arrow_csv.ParseOptions(
            delimiter=_delimiter(path), newlines_in_values=True, invalid_row_handler=keep
        ),
        "convert_options": arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string() if faults is None else pa.binary()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    }


def _fault(path: Path, names: list[str]) -> DataError | None:
    """Read again, slowly, and name the first row that is at fault."""
    faults: list[arrow_csv.InvalidRow] = []
    with opened(path) as stream:
        table = arrow_csv.read_csv(stream, **_options(path, names, faults=faults))
    if faults:
        row = faults[0]
        cells = "1 cell" if row.actual_columns == 1 else f"{row.actual_columns} cells"
        problem = f"{cells} where the header names {row.expected_columns}: {row.text[:80]!r}"
        remedy = "Put values with commas or line breaks in double quotes"
        return DataError(problem, file=path, row=row.number - 1, remedy=remedy)
    for column in names:
        for index, value in enumerate(table[column].to_pylist()):
            try:
                value is None or value.decode("utf-8")
            except UnicodeDecodeError:
                return _not_utf8(path, index + 1, column=column, value=value)
    return None


def _not_utf8(path: Path, row: int | None, *, column: str | None = None, value: bytes = b"") -> DataError:
    shown = f": {value[:40]!r}" if value else ""
    remedy = "Save it again as UTF-8"
    return DataError(f"the text is not UTF-8{shown}", file=path, column=column, row=row, remedy=remedy)


def _check_closed(path: Path, frame: pl.DataFrame) -> None:
    """Refuse a file whose last cell opened a quote that nothing closes: it has swallowed the rows after it."""
    last = frame.row(-1)[-1] if frame.height else None
    if last is None or "\n" not in last:
        return
    with opened(path) as stream:
        end = stream.read()[-64:]
    if not end.rstrip(b"\r\n").endswith(b'"'):
        problem = f"a double quote is opened and never closed: {last[:40]!r}"
        raise DataError(problem, file=path, column=frame.columns[-1], row=frame.height)
