"""Items grouped by the values of one attribute: what caps, quotas and calibration count."""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.catalogue import Attribute, Catalogue, ListAttribute, TextAttribute
from shortlist_bundle.compiled import compiled
from shortlist_bundle.features.kinds import ColumnKind

_Entry = TypeVar("_Entry", bound=np.generic)

MOST_MIXED = 64
"""A mix of more values than this is no mix that a list of twenty could follow."""


class Grouping(NamedTuple):
    """The values of one attribute for a number of items; a named tuple because compiled loops read it whole.

    Attributes:
        offsets: int64 [items + 1], borders of each item's groups.
        groups: int32 [G], rows of the values, from 1.
        width: number of values plus one.
    """

    offsets: NDArray[np.int64]
    groups: NDArray[np.int32]
    width: int

    def of(self, items: NDArray[np.int32]) -> "Grouping":
        """Return the grouping of some items, int32 [K], in their order."""
        offsets, groups = gathered(self.offsets, self.groups, items)
        return Grouping(offsets, groups, self.width)


def groups_of(attribute: Attribute) -> Grouping | None:
    """Return the grouping of all items 0..N by an attribute; None for a number, a time or a flag."""
    if isinstance(attribute, ListAttribute):
        return _distinct(attribute)
    if isinstance(attribute, TextAttribute):
        present = attribute.codes > 0
        offsets = np.concatenate([[0], np.cumsum(present)]).astype(np.int64)
        return Grouping(offsets, attribute.codes[present], len(attribute.values))
    return None


def _distinct(attribute: ListAttribute) -> Grouping:
    """Return the grouping by lists of categories; a value that stands twice in a list counts once."""
    count, width = len(attribute.offsets) - 1, len(attribute.values)
    owners = np.repeat(np.arange(count), np.diff(attribute.offsets))
    keys = np.unique(owners * width + attribute.codes)
    offsets = np.searchsorted(keys, np.arange(count + 1) * width).astype(np.int64)
    return Grouping(offsets, (keys % width).astype(np.int32), width)


def grouping_columns(catalogue: Catalogue) -> dict[str, Grouping]:
    """Return the category columns by which items can be told alike or apart.

    A column of one value says nothing, and one whose values are nearly as many as its items (a code, a name) says of
    no two items that they are alike.
    """
    found = {}
    for name, attribute in catalogue.attributes.items():
        if attribute.kind not in (ColumnKind.CATEGORY, ColumnKind.CATEGORIES):
            continue
        grouping = groups_of(attribute)
        if grouping is None:
            continue
        filled = int(np.count_nonzero(np.diff(grouping.offsets)))
        if 2 <= grouping.width - 1 <= filled / 2:
            found[name] = grouping
    return found


def mixed_column(columns: dict[str, Grouping]) -> str | None:
    """Return the column whose mix calibration follows by default: the finest of at most 64 values, else the coarsest.

    Shelves, departments and genres have so many; brands and product types are too many for a list to follow their mix.
    """
    if not columns:
        return None
    sizes = {name: grouping.width - 1 for name, grouping in columns.items()}
    few = {name: size for name, size in sizes.items() if size <= MOST_MIXED}
    return max(few, key=few.__getitem__) if few else min(sizes, key=sizes.__getitem__)


@compiled
def gathered(
    offsets: NDArray[np.int64], values: NDArray[_Entry], items: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[_Entry]]:
    """Return the ragged rows of some items as a ragged table of their own."""
    borders = np.zeros(len(items) + 1, np.int64)
    for place in range(len(items)):
        borders[place + 1] = borders[place] + offsets[items[place] + 1] - offsets[items[place]]
    found = np.empty(borders[-1], values.dtype)
    for place in range(len(items)):
        found[borders[place] : borders[place + 1]] = values[offsets[items[place]] : offsets[items[place] + 1]]
    return borders, found
