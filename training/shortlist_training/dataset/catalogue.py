"""The items table -> the catalogue that filters read."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_bundle import columns as names
from shortlist_bundle.availability import Availability
from shortlist_bundle.catalogue import Attribute, Catalogue, ListAttribute, NumberAttribute, TextAttribute
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_training.log.log import Log


def build_catalogue(log: Log, items: Vocabulary) -> Catalogue:
    """Return every item's attributes, in the order of the item vocabulary; row 0 has none."""
    table = items_table(log, items)
    kinds = log.columns.get(names.ITEMS, {}) if log.items is not None else {}
    availability = availability_of(table)
    return Catalogue(
        attributes=_attributes(table, kinds),
        available_from=availability.start,
        available_until=availability.end,
    )


def items_table(log: Log, items: Vocabulary) -> pl.DataFrame:
    """Return the table of items in the order of the item vocabulary; what it does not have is missing, as in row 0."""
    rows = pl.DataFrame({names.ITEM_ID: ["", *items.ids(range(1, len(items)))]})
    return rows if log.items is None else rows.join(log.items, on=names.ITEM_ID, how="left", maintain_order="left")


def availability_of(table: pl.DataFrame) -> Availability:
    """Read the ends from the table of items, a row for each item row; a column that is not there is open."""
    return Availability(_ends(table, names.AVAILABLE_FROM, -np.inf), _ends(table, names.AVAILABLE_UNTIL, np.inf))


def _attributes(table: pl.DataFrame, kinds: Mapping[str, ColumnKind]) -> dict[str, Attribute]:
    return {
        name: _attribute(table[name], kind)
        for name, kind in kinds.items()
        if name in table.columns and name not in names.AVAILABILITY_COLUMNS
    }


def _attribute(column: pl.Series, kind: ColumnKind) -> Attribute:
    match kind:
        case ColumnKind.NUMBER | ColumnKind.TIME | ColumnKind.FLAG:
            values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()
            return NumberAttribute(kind=kind, values=values)
        case ColumnKind.CATEGORIES:
            lists = [entries or [] for entries in column.to_list()]
            flat = [entry for entries in lists for entry in entries if entry]
            vocabulary = Vocabulary(flat)
            lengths = [sum(1 for entry in entries if entry) for entries in lists]
            offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
            return ListAttribute(values=vocabulary, offsets=offsets, codes=vocabulary.rows(flat))
        case _:
            texts = [value or "" for value in column.to_list()]
            vocabulary = Vocabulary(text for text in texts if text)
            return TextAttribute(kind=kind, values=vocabulary, codes=vocabulary.rows(texts))


def _ends(table: pl.DataFrame, name: str, open_end: float) -> NDArray[np.float64]:
    if name not in table.columns:
        return np.full(len(table), open_end)
    return table[name].cast(pl.Float64).fill_null(open_end).to_numpy().copy()
