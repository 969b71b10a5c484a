"""The catalogue as items come, change and go."""

from collections.abc import Mapping
from math import inf

import numpy as np

from shortlist_bundle.catalogue import Catalogue
from shortlist_bundle.changes.change import ItemUpserted
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.live.columns import LiveColumn, Read, column_of, empty_attribute, kind_of, read_value
from shortlist_bundle.live.rows import GrowingRows

MOST_NEW_COLUMNS = 64
"""Attributes that training has not seen and filters can ask for; further ones are kept with the item alone."""


class LiveCatalogue:
    """Writes items into a catalogue that others go on reading as it was.

    Args:
        catalogue: of the bundle.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._base = catalogue
        self._kinds = {name: attribute.kind for name, attribute in catalogue.attributes.items()}
        self._columns: dict[str, LiveColumn] = {
            name: column_of(attribute) for name, attribute in catalogue.attributes.items()
        }
        self._from = GrowingRows(catalogue.available_from)
        self._until = GrowingRows(catalogue.available_until)
        self._gone = GrowingRows(np.zeros(len(catalogue.available_from), np.bool_))

    @property
    def new_columns(self) -> int:
        """How many attributes there are that training has not seen."""
        return len(self._kinds) - len(self._base.attributes)

    def read(self, item: ItemUpserted) -> Mapping[str, Read]:
        """Return what each column is to hold of an item.

        Raises:
            FeatureError: A column cannot hold the item's value.
        """
        kinds = {**self._kinds, **self._begun(item)}
        return {name: read_value(name, kind, item.attributes.get(name)) for name, kind in kinds.items()}

    def append(self, item: ItemUpserted) -> None:
        """Add an item behind the others; `read` has said that it can be."""
        self._begin(item)
        for name, value in self.read(item).items():
            self._columns[name].append(value)
        start, end = _ends(item)
        self._from.append(np.array([start]))
        self._until.append(np.array([end]))
        self._gone.append(np.zeros(1, np.bool_))

    def replace(self, row: int, item: ItemUpserted) -> None:
        """Replace an item whole; it is there again if it was gone."""
        self._begin(item)
        for name, value in self.read(item).items():
            self._columns[name].set(row, value)
        start, end = _ends(item)
        self._from.set(row, start)
        self._until.set(row, end)
        self._gone.set(row, False)

    def take_out(self, row: int) -> None:
        """Let an item be gone."""
        self._gone.set(row, True)

    def catalogue(self) -> Catalogue:
        """Return the catalogue as it is now; it stays as it is."""
        gone = self._gone.table
        return Catalogue(
            attributes={name: column.attribute() for name, column in self._columns.items()},
            available_from=self._from.table,
            available_until=self._until.table,
            gone=gone if gone.any() else None,
        )

    def _begun(self, item: ItemUpserted) -> dict[str, ColumnKind]:
        """Return the columns that begin with this item."""
        new = {name: kind_of(value) for name, value in item.attributes.items() if name not in self._kinds}
        return dict(list(new.items())[: MOST_NEW_COLUMNS - self.new_columns])

    def _begin(self, item: ItemUpserted) -> None:
        for name, kind in self._begun(item).items():
            self._kinds[name] = kind
            self._columns[name] = column_of(empty_attribute(kind, len(self._gone)))


def _ends(item: ItemUpserted) -> tuple[float, float]:
    start, end = item.available_from, item.available_until
    return -inf if start is None else start, inf if end is None else end
