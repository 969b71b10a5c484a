"""Feature values as a model reads them: one block of numbers, and one bag of codes per column of categories or text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.errors import BundleIncompatible


@dataclass(frozen=True, slots=True, eq=False)
class EncodedFeatures:
    """The features of B rows.

    Attributes:
        numbers: float32 [B, P], standardised to [-5, 5], each number beside its missing flag.
        bags: Column name -> int32 [B, W], codes in [0, the column's bag size), 0 is padding.
    """

    numbers: NDArray[np.float32]
    bags: Mapping[str, NDArray[np.int32]]

    def __post_init__(self) -> None:
        if self.numbers.ndim != 2 or self.numbers.dtype != np.float32:
            raise ValueError(f"numbers must be float32 [B, P], are {self.numbers.dtype} {self.numbers.shape}")
        for name, bag in self.bags.items():
            if bag.ndim != 2 or bag.dtype != np.int32 or len(bag) != len(self.numbers):
                raise ValueError(f"bag {name!r} must be int32 [{len(self.numbers)}, W], is {bag.dtype} {bag.shape}")

    def __len__(self) -> int:
        """Return B."""
        return len(self.numbers)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_] | Sequence[int] | slice) -> "EncodedFeatures":
        """Return the features of these rows, in their order; rows may repeat."""
        index = rows if isinstance(rows, np.ndarray | slice) else np.asarray(rows, dtype=np.int64)
        return EncodedFeatures(self.numbers[index], {name: bag[index] for name, bag in self.bags.items()})

    @staticmethod
    def concatenate(parts: Sequence["EncodedFeatures"]) -> "EncodedFeatures":
        """Return the rows of all parts, one after the other; the parts, at least one, come from one encoder.

        Raises:
            ValueError: There is no part, or the parts differ in their columns or widths.
        """
        if not parts or any(list(part.bags) != list(parts[0].bags) for part in parts):
            raise ValueError("needs at least one part, and the same bags in each")
        bags = {name: np.concatenate([part.bags[name] for part in parts]) for name in parts[0].bags}
        return EncodedFeatures(np.concatenate([part.numbers for part in parts]), bags)

    def to_arrays(self, prefix: str = "") -> dict[str, NDArray[np.generic]]:
        """Return `numbers` and `bag-0`, `bag-1`... in the order of the columns, whose names fit no file name."""
        bags = {f"{prefix}bag-{n}": bag for n, bag in enumerate(self.bags.values())}
        return {f"{prefix}numbers": self.numbers, **bags}

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[np.generic]], names: Sequence[str], prefix: str = ""
    ) -> "EncodedFeatures":
        """Rebuild what `to_arrays` took apart; `FeatureEncoder.check` then says whether it is what an encoder makes.

        Args:
            arrays: By name, among them those of `to_arrays` with the same prefix.
            names: The bags' columns in their order, as in `FeatureEncoder.bag_names`.
            prefix: Stands before each array's name, e.g. 'features/'.

        Raises:
            BundleIncompatible: An array is missing, or of another type or shape.
        """
        try:
            numbers = arrays[f"{prefix}numbers"]
            bags = {name: arrays[f"{prefix}bag-{n}"] for n, name in enumerate(names)}
            return cls(numbers, bags)  # type: ignore[arg-type] # the types are checked on the way in
        except KeyError as error:
            raise BundleIncompatible(f"encoded features: the array {error} is missing") from None
        except ValueError as error:
            raise BundleIncompatible(f"encoded features {prefix!r}: {error}") from None
