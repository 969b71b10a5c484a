"""A CSV or Parquet file as rows, and its cells as values that can be sent."""

import csv
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from shortlist_client.commands.arguments import moment, value
from shortlist_client.errors import UsageError


def rows_of(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a CSV or Parquet file; cells of CSV are text.

    Raises:
        UsageError: The file cannot be read.
    """
    return _parquet_rows(path) if path.suffix == ".parquet" else _csv_rows(path)


def cell_value(cell: Any) -> Any:
    """Return what a cell says; None where it says nothing.

    Text of CSV that reads as JSON (a number, true, a list) is that. Times without a zone are UTC.

    Raises:
        ValueError: It says nothing that can be sent.
    """
    if isinstance(cell, str):
        return value(cell) if cell else None
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=UTC)
    if isinstance(cell, date):
        return datetime.combine(cell, time(), UTC)
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, float) and math.isnan(cell):
        return None
    if isinstance(cell, list):
        return [str(one) for one in cell if one is not None]
    if cell is None or isinstance(cell, bool | int | float):
        return cell
    raise ValueError(f"takes text, numbers, true and false, times or lists of text, not {type(cell).__name__}")


def cell_moment(cell: Any) -> Any:
    """Return the moment that a cell says; None where it says none.

    Raises:
        ValueError: It is no time.
        click.BadParameter: Text that is no time.
    """
    if isinstance(cell, str):
        return moment(cell) if cell else None
    found = cell_value(cell)
    if isinstance(found, bool) or not isinstance(found, int | float | datetime | None):
        raise ValueError(f"takes seconds or a time, not {type(cell).__name__}")
    return found


def _csv_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            yield from csv.DictReader(file, restkey="", strict=True)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise UsageError(f"{path}: cannot be read as CSV: {problem}") from problem


def _parquet_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        import pyarrow as arrow  # an extra of its own: a client that calls needs none of it
        import pyarrow.parquet as parquet
    except ModuleNotFoundError as problem:
        raise UsageError(
            f"{path.name}: reading Parquet needs pyarrow (pip install 'shortlist[parquet]'); CSV needs nothing"
        ) from problem
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(10_000):
                yield from batch.to_pylist()
    except (OSError, arrow.ArrowException) as problem:
        raise UsageError(f"{path}: cannot be read as Parquet: {problem}") from problem
