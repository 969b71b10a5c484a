"""Events in a file of the data contract's form -> events to be recorded."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from shortlist_client.commands.table_file import cell_moment, cell_value, rows_of
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
    digest = _digest(path)
    for number, row in enumerate(rows_of(path), start=1):
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
        timestamp=cell_moment(found.get("timestamp")),
        value=float(found.get("value", 1.0)),
        rating=float(found["rating"]) if "rating" in found else None,
        rank=int(found["rank"]) if "rank" in found else None,
        context={name: cell_value(cell) for name, cell in found.items() if name not in _OWN},
        **{name: str(found[name]) for name in _TEXTS if name in found},
    )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:32]
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from problem
