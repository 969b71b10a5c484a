"""The attributes of items, kind by kind: which items have a value, and what may be asked of the kind at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.vocabulary import Vocabulary

Value = str | float | int | bool
Mask = NDArray[np.bool_]


class Attribute(Protocol):
    """One attribute of all items."""

    @property
    def kind(self) -> ColumnKind:
        """The kind of the column."""
        ...

    def lacks(self, value: Value) -> str:
        """Say what a value of the wrong type should have been, e.g. 'a text'; empty for one of the right type."""
        ...

    def any_of(self, values: Sequence[Value]) -> Mask:
        """Return which items have one of the values, at least one, bool [N + 1]; all are of the right type."""
        ...

    def equals(self, value: Value) -> Mask:
        """Return which items have the value, bool [N + 1]; raises ValueError for a value of the wrong type."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAttribute:
    """A category or a text.

    Attributes:
        kind: CATEGORY or TEXT.
        values: the distinct values; row 0 means missing.
        codes: int32 [N + 1], each item's row among the values.
    """

    kind: ColumnKind
    values: Vocabulary
    codes: NDArray[np.int32]

    def lacks(self, value: Value) -> str:
        """See `Attribute.lacks`."""
        return "" if isinstance(value, str) else "a text"

    def any_of(self, values: Sequence[Value]) -> Mask:
        """See `Attribute.any_of`."""
        return _wanted(self.values, values)[self.codes]

    def equals(self, value: Value) -> Mask:
        """See `Attribute.equals`."""
        return self.any_of([_fitting(self, value)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAttribute:
    """A list of categories; an item equals a value when the value is among its own.

    Attributes:
        values: the distinct values; row 0 is not used.
        offsets: int64 [N + 2], borders of each item's codes.
        codes: int32 [Z], rows among the values.
    """

    values: Vocabulary
    offsets: NDArray[np.int64]
    codes: NDArray[np.int32]
    kind: ColumnKind = ColumnKind.CATEGORIES

    def lacks(self, value: Value) -> str:
        """See `Attribute.lacks`."""
        return "" if isinstance(value, str) else "a text"

    def any_of(self, values: Sequence[Value]) -> Mask:
        """See `Attribute.any_of`."""
        mask = np.zeros(len(self.offsets) - 1, np.bool_)
        places = np.flatnonzero(_wanted(self.values, values)[self.codes])
        mask[np.searchsorted(self.offsets, places, side="right") - 1] = True
        return mask

    def equals(self, value: Value) -> Mask:
        """See `Attribute.equals`."""
        return self.any_of([_fitting(self, value)])


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAttribute:
    """A number, a time in epoch seconds, or a flag as 0 and 1.

    Attributes:
        kind: NUMBER, TIME or FLAG.
        values: float64 [N + 1], NaN where missing.
    """

    kind: ColumnKind
    values: NDArray[np.float64]

    def lacks(self, value: Value) -> str:
        """See `Attribute.lacks`."""
        if self.kind is ColumnKind.FLAG:
            return "" if not isinstance(value, str) and value in (0, 1) else "true or false"
        return "a number" if isinstance(value, str | bool) else ""

    def any_of(self, values: Sequence[Value]) -> Mask:
        """See `Attribute.any_of`."""
        if len(values) == 1:
            return self.values == float(values[0])
        wanted = np.unique(np.array([float(value) for value in values]))
        # Items without a value fall behind the last place, and NaN equals nothing.
        places = np.minimum(np.searchsorted(wanted, self.values), len(wanted) - 1)
        return wanted[places] == self.values

    def equals(self, value: Value) -> Mask:
        """See `Attribute.equals`."""
        return self.any_of([_fitting(self, value)])

    def within(
        self, *, at_least: float | None, more_than: float | None, at_most: float | None, less_than: float | None
    ) -> Mask:
        """Return which items have a value within every limit that is not None, bool [N + 1]."""
        mask = self.values == self.values  # false where there is no value
        if at_least is not None:
            mask &= self.values >= at_least
        if more_than is not None:
            mask &= self.values > more_than
        if at_most is not None:
            mask &= self.values <= at_most
        if less_than is not None:
            mask &= self.values < less_than
        return mask


def _fitting(attribute: Attribute, value: Value) -> Value:
    needed = attribute.lacks(value)
    if needed:
        raise ValueError(f"needs {needed}, not {value!r}")
    return value


def _wanted(vocabulary: Vocabulary, values: Sequence[Value]) -> Mask:
    """Return which rows of a vocabulary are wanted, bool [len(vocabulary)]; never row 0, which means missing."""
    wanted = np.zeros(len(vocabulary), np.bool_)
    wanted[vocabulary.rows([str(value) for value in values])] = True
    wanted[0] = False
    return wanted
