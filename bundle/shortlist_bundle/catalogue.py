"""The items' attributes as filters read them, and when each item can be had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.errors import FeatureError, shown
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

    def equals(self, value: Value) -> Mask:
        """See `Attribute.equals`."""
        if not isinstance(value, str):
            raise ValueError(f"needs a text, not {value!r}")
        row = self.values.row(value)
        return (self.codes == row) if row else np.zeros(len(self.codes), np.bool_)


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

    def equals(self, value: Value) -> Mask:
        """See `Attribute.equals`."""
        if not isinstance(value, str):
            raise ValueError(f"needs a text, not {value!r}")
        mask = np.zeros(len(self.offsets) - 1, np.bool_)
        row = self.values.row(value)
        if row:
            mask[np.searchsorted(self.offsets, np.flatnonzero(self.codes == row), side="right") - 1] = True
        return mask


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAttribute:
    """A number, a time in epoch seconds, or a flag as 0 and 1.

    Attributes:
        kind: NUMBER, TIME or FLAG.
        values: float64 [N + 1], NaN where missing.
    """

    kind: ColumnKind
    values: NDArray[np.float64]

    def equals(self, value: Value) -> Mask:
        """See `Attribute.equals`."""
        flag = self.kind is ColumnKind.FLAG
        if isinstance(value, str) or (flag and value not in (0, 1)) or (not flag and isinstance(value, bool)):
            raise ValueError(f"needs {'true or false' if flag else 'a number'}, not {value!r}")
        return self.values == float(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What filters can ask of items 0..N (item 0 is nobody).

    Attributes:
        attributes: by column name.
        available_from, available_until: float64 [N + 1], epoch seconds, -inf and +inf where open.
    """

    attributes: Mapping[str, Attribute]
    available_from: NDArray[np.float64]
    available_until: NDArray[np.float64]
    always_available: bool = field(init=False)

    def __post_init__(self) -> None:
        always = np.isneginf(self.available_from).all() and np.isposinf(self.available_until).all()
        object.__setattr__(self, "always_available", bool(always))

    def matching(self, filters: Mapping[str, Value]) -> Mask:
        """Return which items satisfy every equality, bool [N + 1].

        Raises:
            FeatureError: An attribute that the catalogue does not have, or a value of the wrong type; it names both.
        """
        mask = np.ones(len(self.available_from), np.bool_)
        for name, value in filters.items():
            if name not in self.attributes:
                raise FeatureError(name, f"is not an attribute of the catalogue; it has {_listed(self.attributes)}")
            try:
                mask &= self.attributes[name].equals(value)
            except ValueError as error:
                raise FeatureError(name, shown(str(error))) from None
        mask[0] = False
        return mask

    def available(self, now: float) -> Mask | None:
        """Return which items can be had at `now`, epoch seconds; None when all always can."""
        if self.always_available:
            return None
        return (self.available_from <= now) & (now < self.available_until)


def _listed(names: Sequence[str] | Mapping[str, object]) -> str:
    return ", ".join(sorted(names)) or "none"
