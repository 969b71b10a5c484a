"""Raw values by column name -> numbers and bags: the one encoder that training and serving share."""

from collections.abc import Mapping

import numpy as np

from shortlist_bundle.errors import BundleIncompatible, FeatureError
from shortlist_bundle.features.bags import PADDING, Bag, BagColumn, bag_column, bag_size
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.features.numbers import raw_numbers, scaling, standardise
from shortlist_bundle.features.spec import ColumnSpec, FeatureSpec, NumberFit, TextFit, ValuesFit
from shortlist_bundle.features.values import RawColumn

RawColumns = Mapping[str, RawColumn]


class FeatureEncoder:
    """Encode rows as a `FeatureSpec` says; a row's encoding does not depend on the rows beside it.

    Attributes:
        spec: What was learnt about the columns.
        number_names: The P columns of `EncodedFeatures.numbers`, e.g. 'age', 'age (missing)'.
        bag_sizes: Column -> number of codes, padding included: the rows of its embedding table.
        bag_widths: Column -> W.
    """

    __slots__ = ("_bags", "_names", "_numbers", "_scaling", "bag_sizes", "bag_widths", "number_names", "spec")

    def __init__(self, spec: FeatureSpec) -> None:
        """Prepare the look-up tables."""
        self.spec = spec
        self._names = frozenset(column.name for column in spec.columns)
        self._numbers: list[ColumnSpec] = []
        self._bags: dict[str, BagColumn] = {}
        sizes: dict[str, int] = {}
        widths: dict[str, int] = {}
        fits: list[NumberFit] = []
        for column in spec.columns:
            match column.fit:
                case NumberFit() as fit:
                    self._numbers.append(column)
                    fits.append(fit)
                case ValuesFit() | TextFit() as fit:
                    self._bags[column.name] = bag_column(column, fit)
                    sizes[column.name] = bag_size(fit)
                    widths[column.name] = fit.width
        self._scaling = scaling(fits)
        self.number_names = tuple(name for c in self._numbers for name in (c.name, f"{c.name} (missing)"))
        self.bag_sizes: Mapping[str, int] = sizes
        self.bag_widths: Mapping[str, int] = widths

    @property
    def number_width(self) -> int:
        """Return P: two for each number, flag and time."""
        return len(self.number_names)

    @property
    def bag_names(self) -> tuple[str, ...]:
        """Return the columns that become bags, in their order."""
        return tuple(self._bags)

    def encode(self, columns: RawColumns, count: int) -> EncodedFeatures:
        """Encode `count` rows.

        Args:
            columns: Column name -> `count` raw values, None or NaN where missing. A column that is absent is missing
                in every row; one that the spec does not know is ignored (`unknown_columns` names them).
            count: B.

        Raises:
            FeatureError: A value is not of its column's kind, or a column has not `count` values.
        """
        for name in self._names & columns.keys():
            if len(columns[name]) != count:
                raise FeatureError(name, f"has {len(columns[name])} values for {count} rows")
        raw = np.full((count, len(self._numbers)), np.nan)
        for position, column in enumerate(self._numbers):
            if column.name in columns:
                raw[:, position] = raw_numbers(column.name, column.kind, columns[column.name])
        bags = {name: self._bag(name, encode, columns, count) for name, encode in self._bags.items()}
        return EncodedFeatures(standardise(raw, self._scaling), bags)

    def empty(self, count: int) -> EncodedFeatures:
        """Return `count` rows of which nothing is known: what `encode` makes of no columns."""
        return self.encode({}, count)

    def unknown_columns(self, columns: Mapping[str, object]) -> list[str]:
        """Return the names that the spec does not know, sorted, so that a caller can be told they were ignored."""
        return sorted(columns.keys() - self._names)

    def check(self, encoded: EncodedFeatures) -> None:
        """Refuse features that this encoder cannot have made, before they index an embedding table.

        Raises:
            BundleIncompatible: The widths, the columns or a code do not fit the spec.
        """
        if encoded.numbers.shape[1] != self.number_width:
            raise BundleIncompatible(f"features: {encoded.numbers.shape[1]} numbers where {self.number_width} belong")
        if tuple(encoded.bags) != self.bag_names:
            raise BundleIncompatible(f"features: the bags {list(encoded.bags)} where {list(self.bag_names)} belong")
        for name, bag in encoded.bags.items():
            if bag.shape[1] != self.bag_widths[name] or (bag < 0).any() or (bag >= self.bag_sizes[name]).any():
                raise BundleIncompatible(f"features: the bag {name!r} has another width, or codes outside its table")

    def _bag(self, name: str, encode: BagColumn, columns: RawColumns, count: int) -> Bag:
        raw = columns.get(name)
        return np.full((count, self.bag_widths[name]), PADDING, dtype=np.int32) if raw is None else encode(raw)
