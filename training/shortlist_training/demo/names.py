"""Readable names of items, from whatever their table says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from shortlist_bundle.columns import ITEM_ID, ITEMS
from shortlist_training.log.ids import read_ids
from shortlist_training.log.location import locate
from shortlist_training.log.raw_table import read_raw

NAMES = ("name", "title", "product_name", "item_name", "product_type", "product_category", "category", "description")
"""Columns that name an item; the first that has a value does."""
SIZES = ("package_size", "size")
BRANDS = ("brand", "manufacturer")


@dataclass(frozen=True, slots=True)
class ItemNames:
    """Names by item id; an item without one is called by its id."""

    names: Mapping[str, str] = field(default_factory=dict)

    def of(self, item_id: str) -> str:
        """Return the name of an item."""
        return self.names.get(item_id, item_id)


def read_item_names(folder: Path) -> ItemNames:
    """Read the names of a log's items, from the files: what names every item is no feature, and the log drops it.

    Raises:
        DataError: The table cannot be read.
    """
    files = locate(folder)
    if ITEMS not in files:
        return ItemNames()
    table, _ = read_raw(files[ITEMS], (ITEM_ID,))
    return item_names(table.frame.with_columns(read_ids(table, ITEM_ID)))


def item_names(items: pl.DataFrame) -> ItemNames:
    """Return the names that an items table makes possible."""
    known = [column for column in (*NAMES, *SIZES, *BRANDS) if column in items.columns]
    rows = items.select(ITEM_ID, *known).iter_rows(named=True)
    return ItemNames({row[ITEM_ID]: name for row in rows if (name := readable(row))})


def readable(row: Mapping[str, Any]) -> str:
    """Return the name of one item: "Spaghetti dry, 16 oz (Private)"; empty when nothing names it."""
    name, size, brand = (_first(row, columns) for columns in (NAMES, SIZES, BRANDS))
    if not name:
        return ""
    return _sentence(name) + (f", {size.lower()}" if size else "") + (f" ({brand})" if brand else "")


def _first(row: Mapping[str, Any], columns: tuple[str, ...]) -> str:
    values = (row.get(column) for column in columns)
    return next((" ".join(value.split()) for value in values if isinstance(value, str) and value.strip()), "")


def _sentence(text: str) -> str:
    return text.capitalize() if text.isupper() else text
