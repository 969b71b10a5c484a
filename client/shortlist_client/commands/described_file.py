"""Files of items and of customers in the data contract's form -> what is told to the server."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from shortlist_client.commands.table_file import cell_moment, cell_value, rows_of
from shortlist_client.errors import UsageError
from shortlist_client.profile import Item

ITEM_ID, CUSTOMER_ID = "item_id", "customer_id"
_ENDS = ("available_from", "available_until")


class Described(NamedTuple):
    """A customer and what is said of them."""

    customer_id: str
    features: Mapping[str, Any]


def items_of(path: Path) -> Iterator[Item]:
    """Yield the items of a CSV or Parquet file with `item_id` and any columns; an empty cell is no attribute.

    Raises:
        UsageError: The file cannot be read, or a cell cannot be meant; file, row and column are named.
    """
    for number, row in enumerate(rows_of(path), start=1):
        found = {name: _cell(path, number, name, cell) for name, cell in row.items() if name != ITEM_ID}
        ends = {name: found.pop(name, None) for name in _ENDS}
        attributes = {name: cell for name, cell in found.items() if cell is not None}
        yield Item(item_id=_id(path, number, ITEM_ID, row), attributes=attributes, **ends)


def customers_of(path: Path, *, empty_clears: bool) -> Iterator[Described]:
    """Yield the customers of a CSV or Parquet file with `customer_id` and any columns.

    Args:
        path: the file.
        empty_clears: whether an empty cell clears what is known; else it says nothing.

    Raises:
        UsageError: See `items_of`.
    """
    for number, row in enumerate(rows_of(path), start=1):
        found = {name: _cell(path, number, name, cell) for name, cell in row.items() if name != CUSTOMER_ID}
        kept = {name: cell for name, cell in found.items() if empty_clears or cell is not None}
        yield Described(_id(path, number, CUSTOMER_ID, row), kept)


def ids_of(path: Path, column: str) -> Iterator[str]:
    """Yield the ids of a CSV or Parquet file with such a column, or of a text file with one on each line.

    Raises:
        UsageError: The file cannot be read, or a row has no id.
    """
    if path.suffix not in (".csv", ".parquet"):
        yield from _lines(path)
        return
    for number, row in enumerate(rows_of(path), start=1):
        yield _id(path, number, column, row)


def _id(path: Path, number: int, column: str, row: Mapping[str, Any]) -> str:
    if column not in row:
        raise UsageError(f"{path.name}: there is no column {column}; there is {', '.join(map(str, row))}")
    if row[column] in ("", None):
        raise UsageError(f"{path.name}, row {number}, column {column}: is empty")
    return str(row[column])


def _cell(path: Path, number: int, name: Any, cell: Any) -> Any:
    try:
        if not name:
            raise ValueError("the row has more cells than the header")
        return cell_moment(cell) if name in _ENDS else cell_value(cell)
    except (ValueError, click.BadParameter) as problem:
        raise UsageError(f"{path.name}, row {number}, column {name or '(none)'}: {problem}") from problem


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from (line.strip() for line in file if line.strip())
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{path}: cannot be read: {problem}") from problem
