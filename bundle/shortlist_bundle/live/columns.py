"""The attributes of items, kind by kind, as items come and change."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.attributes import Attribute, ListAttribute, NumberAttribute, TextAttribute
from shortlist_bundle.changes.change import Value
from shortlist_bundle.features import values
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.live.ids import GrowingVocabulary
from shortlist_bundle.live.rows import GrowingRows
from shortlist_bundle.vocabulary import Vocabulary

Read: TypeAlias = float | str | tuple[str, ...]
"""A value as its column holds it: NaN, the empty text or no text where it is missing."""


class LiveColumn(Protocol):
    """One attribute that grows."""

    def append(self, value: Read) -> None:
        """Add the value of one more item."""

    def set(self, row: int, value: Read) -> None:
        """Change the value of an item."""

    def attribute(self) -> Attribute:
        """Return the attribute as it is now; it stays as it is."""


def kind_of(value: Value) -> ColumnKind:
    """Return the kind of a column that begins with this value."""
    if isinstance(value, bool):
        return ColumnKind.FLAG
    if isinstance(value, tuple):
        return ColumnKind.CATEGORIES
    return ColumnKind.CATEGORY if isinstance(value, str) else ColumnKind.NUMBER


def read_value(name: str, kind: ColumnKind, value: Value | None) -> Read:
    """Return a raw value as a column of this kind holds it.

    Raises:
        FeatureError: The column cannot hold it.
    """
    match kind:
        case ColumnKind.NUMBER | ColumnKind.TIME | ColumnKind.FLAG:
            read = {
                ColumnKind.NUMBER: values.number, ColumnKind.TIME: values.seconds, ColumnKind.FLAG: values.flag,
            }[kind]  # fmt: skip
            found = read(name, value)
            return float("nan") if found is None else found
        case ColumnKind.CATEGORIES:
            return tuple(dict.fromkeys(values.categories(name, value)))
        case ColumnKind.CATEGORY:
            return values.category(name, value) or ""
    return values.text(name, value)


def column_of(attribute: Attribute) -> LiveColumn:
    """Return an attribute as one that grows."""
    if isinstance(attribute, NumberAttribute):
        return _NumberColumn(attribute)
    if isinstance(attribute, TextAttribute):
        return _TextColumn(attribute)
    if isinstance(attribute, ListAttribute):
        return _ListColumn(attribute)
    raise TypeError(f"an attribute of an unknown kind: {type(attribute).__name__}")


def empty_attribute(kind: ColumnKind, rows: int) -> Attribute:
    """Return an attribute that none of the items has."""
    match kind:
        case ColumnKind.NUMBER | ColumnKind.TIME | ColumnKind.FLAG:
            return NumberAttribute(kind=kind, values=np.full(rows, np.nan))
        case ColumnKind.CATEGORIES:
            return ListAttribute(
                values=Vocabulary(()), offsets=np.zeros(rows + 1, np.int64), codes=np.zeros(0, np.int32)
            )
    return TextAttribute(kind=kind, values=Vocabulary(()), codes=np.zeros(rows, np.int32))


class _NumberColumn:
    def __init__(self, attribute: NumberAttribute) -> None:
        self._attribute = attribute
        self._values = GrowingRows(attribute.values)

    def append(self, value: Read) -> None:
        self._values.append(np.array([value], np.float64))

    def set(self, row: int, value: Read) -> None:
        self._values.set(row, value)

    def attribute(self) -> Attribute:
        return replace(self._attribute, values=self._values.table)


class _TextColumn:
    def __init__(self, attribute: TextAttribute) -> None:
        self._attribute = attribute
        self._texts = GrowingVocabulary(attribute.values)
        self._codes = GrowingRows(attribute.codes)

    def append(self, value: Read) -> None:
        self._codes.append(np.array(self._texts.found([str(value)]), np.int32))

    def set(self, row: int, value: Read) -> None:
        self._codes.set(row, self._texts.found([str(value)])[0])

    def attribute(self) -> Attribute:
        return replace(self._attribute, values=self._texts.vocabulary, codes=self._codes.table)


class _ListColumn:
    def __init__(self, attribute: ListAttribute) -> None:
        self._attribute = attribute
        self._texts = GrowingVocabulary(attribute.values)
        self._added: list[list[int]] = []
        self._changed: dict[int, list[int]] = {}

    def append(self, value: Read) -> None:
        self._added.append(self._codes(value))

    def set(self, row: int, value: Read) -> None:
        behind = row - (len(self._attribute.offsets) - 1)
        if behind >= 0:
            self._added[behind] = self._codes(value)
        else:
            self._changed[row] = self._codes(value)

    def attribute(self) -> Attribute:
        offsets, codes = _with_lists(self._attribute, self._changed, self._added)
        return replace(self._attribute, values=self._texts.vocabulary, offsets=offsets, codes=codes)

    def _codes(self, value: Read) -> list[int]:
        return self._texts.found(value if isinstance(value, tuple) else ())


def _with_lists(
    attribute: ListAttribute, changed: Mapping[int, Sequence[int]], added: Sequence[Sequence[int]]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return borders and codes with some items' lists changed, and further items behind them."""
    lengths = np.concatenate([np.diff(attribute.offsets), [len(own) for own in added]]).astype(np.int64)
    parts, start = [], 0
    for row in sorted(changed):
        parts += [attribute.codes[start : attribute.offsets[row]], np.array(changed[row], np.int32)]
        lengths[row], start = len(changed[row]), int(attribute.offsets[row + 1])
    parts += [attribute.codes[start:], *(np.array(own, np.int32) for own in added)]
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), np.concatenate(parts).astype(np.int32)
