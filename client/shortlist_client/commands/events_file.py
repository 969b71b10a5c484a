"""Events in a file of the data contract's form -> events to be recorded."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from shortlist_client.commands.arguments import moment, value
from shortlist_client.errors import UsageError
from shortlist_client.feedback import FeedbackEvent

_NEEDED = ("customer_id", "item_id")
_TEXTS = ("event", "order_id", "impression_id")
_OWN = (*_NEEDED, *_TEXTS, "timestamp", "value", "rating", "rank", "event_id")


def events_of(path: Path) -> Iterator[FeedbackEvent]:
    """Yield the events of a CSV or Parquet file, row by row.

    Rows without an `event_id` get one made of the file's content and the row's number: recording the same file again
    records nothing twice.

    Raises:
        UsageError: The file cannot be read, or a row cannot be meant; file and row are named.
    """
    rows = _parquet_rows(path) if path.suffix == ".parquet" else _csv_rows(path)
    digest = _digest(path)
    for number, row in enumerate(rows, start=1):
        try:
            yield _event(row, f"{digest}-{number}")
        except (ValueError, TypeError, click.BadParameter) as problem:
            raise UsageError(f"{path.name}, row {number}: {problem}") from problem


def _event(row: Mapping[str, Any], made_id: str) -> FeedbackEvent:
    found = {name: cell for name, cell in row.items() if cell not in ("", None)}
    for name in _NEEDED:
        if name not in found:
            raise ValueError(f"{name} is missing")
    return FeedbackEvent(
        event_id=str(found.get("event_id", made_id)),
        customer_id=str(found["customer_id"]),
        item_id=str(found["item_id"]),
        timestamp=_moment(found.get("timestamp")),
        value=float(found.get("value", 1.0)),
        rating=float(found["rating"]) if "rating" in found else None,
        rank=int(found["rank"]) if "rank" in found else None,
        context={name: _cell(cell) for name, cell in found.items() if name not in _OWN},
        **{name: str(found[name]) for name in _TEXTS if name in found},
    )


def _moment(cell: Any) -> Any:
    return moment(cell) if isinstance(cell, str) else cell


def _cell(cell: Any) -> Any:
    return value(cell) if isinstance(cell, str) else cell


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


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:32]
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from problem
