"""The items' attributes as filters read them, and when each item can be had."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.attributes import Attribute, ListAttribute, Mask, NumberAttribute, TextAttribute, Value
from shortlist_bundle.availability import Availability
from shortlist_bundle.filters.conditions import Filter
from shortlist_bundle.filters.evaluating import evaluate
from shortlist_bundle.filters.masks import Masks, Matching

__all__ = ["Attribute", "Catalogue", "ListAttribute", "Mask", "NumberAttribute", "TextAttribute", "Value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What filters can ask of items 0..N (item 0 is nobody).

    Attributes:
        attributes: by column name.
        available_from, available_until: float64 [N + 1], epoch seconds, -inf and +inf where open.
        gone: bool [N + 1], items that were taken out: no filter finds them, and they cannot be had; None for none.
    """

    attributes: Mapping[str, Attribute]
    available_from: NDArray[np.float64]
    available_until: NDArray[np.float64]
    gone: Mask | None = None
    always_available: bool = field(init=False)
    _masks: Masks = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "always_available", self.gone is None and not self._availability.limited)
        attributes, width = self.attributes, len(self.available_from)
        gone = self.gone

        def found(filter: Filter) -> Mask:
            mask = evaluate(filter, attributes, width)
            return mask if gone is None else mask & ~gone

        object.__setattr__(self, "_masks", Masks(found, width))

    def matching(self, filter: Filter) -> Matching:
        """Return which items meet a filter; one that was asked for lately is not evaluated again.

        Raises:
            FilterError: Attributes that the catalogue does not have, or values of the wrong type; see `evaluate`.
        """
        return self._masks.of(filter)

    def available(self, now: float) -> Mask | None:
        """Return which items can be had at `now`, epoch seconds; None when all always can."""
        if self.always_available:
            return None
        mask: Mask = self._availability.at(np.array([now]))[0]
        return mask if self.gone is None else mask & ~self.gone

    @property
    def _availability(self) -> Availability:
        return Availability(self.available_from, self.available_until)
