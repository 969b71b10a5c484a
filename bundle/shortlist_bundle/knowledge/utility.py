"""The items of a catalogue by how well they meet stated wishes."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.catalogue import Attribute, Catalogue, ListAttribute, NumberAttribute, TextAttribute
from shortlist_bundle.errors import FeatureError, shown
from shortlist_bundle.knowledge.degrees import Degrees, degrees
from shortlist_bundle.knowledge.scales import NOTHING, Scale, scale_of
from shortlist_bundle.knowledge.wishes import Wanted, Wish
from shortlist_bundle.sources.top import best_places

NAME = "knowledge"
"""The source's name in requests and replies."""


def sources_of_needs(attributes: Collection[str]) -> tuple[str, ...]:
    """Return the sources that requests with needs may name, given the names of the catalogue's attributes.

    Without attributes nothing can be needed, and there is no such source.
    """
    return (NAME,) if attributes else ()


class Knowledge:
    """Ranks items by stated wishes.

    Args:
        catalogue: the items' attributes.
        standing: int32 [N + 1], a rank of its own for each item, which decides between equals; None for the item's row.
    """

    def __init__(self, catalogue: Catalogue, standing: NDArray[np.int32] | None = None) -> None:
        self.catalogue = catalogue
        rows = np.arange(len(catalogue.available_from), dtype=np.int32)
        self._standing = rows if standing is None else standing
        self._scales: dict[str, Scale] = {}

    def check(self, wish: Wish) -> None:
        """Check that the attribute is of a kind that the wish can be meant for.

        Raises:
            FeatureError: It names the attribute.
        """
        self.degrees(wish, np.zeros(0, np.int32))

    def degrees(self, wish: Wish, items: NDArray[np.integer] | None = None) -> Degrees:
        """Return how far items meet a wish, float64 in [0, 1]: of all, [N + 1], or of the rows given, [n].

        Raises:
            FeatureError: The catalogue has no such attribute, or it is of a kind that the wish cannot be meant for.
        """
        attribute = self.catalogue.attributes.get(wish.attribute)
        if attribute is None:
            raise FeatureError(wish.attribute, "is not an attribute of the catalogue")
        scale = NOTHING if isinstance(wish.aim, Wanted) else self._scale(wish.attribute, attribute)
        try:
            return degrees(attribute if items is None else taken(attribute, items), wish.aim, scale)
        except ValueError as error:
            # Of a wanted value the text has the value, which the caller may have made long.
            problem = shown(str(error)) if isinstance(wish.aim, Wanted) else str(error)
            raise FeatureError(wish.attribute, problem) from None

    def utility(self, wishes: Sequence[Wish]) -> NDArray[np.float32]:
        """Return the mean of all degrees by weight, float32 [N + 1] in [0, 1]; 1 for everything without wishes.

        Raises:
            FeatureError: See `degrees`.
        """
        total = np.zeros(len(self._standing), np.float64)
        for wish in wishes:
            total += wish.weight * self.degrees(wish)
        weight = sum(wish.weight for wish in wishes)
        return (total / weight if wishes else total + 1.0).astype(np.float32)

    def best(self, utility: NDArray[np.float32], allowed: NDArray[np.bool_], depth: int) -> NDArray[np.int32]:
        """Return the rows of the `depth` best allowed items, int32, fewer where fewer are allowed.

        Args:
            utility: float32 [N + 1].
            allowed: bool [N + 1]; item 0 is never returned.
            depth: how many.
        """
        rows = np.flatnonzero(allowed[1:]).astype(np.int32) + 1
        return rows[best_places(self._standing[rows], utility[rows], depth)]

    def _scale(self, name: str, attribute: Attribute) -> Scale:
        # Found when it is first asked for. Two threads may both find it; they find the same.
        if name not in self._scales:
            self._scales[name] = scale_of(attribute.values) if isinstance(attribute, NumberAttribute) else NOTHING
        return self._scales[name]


def taken(attribute: Attribute, items: NDArray[np.integer]) -> Attribute:
    """Return the attribute of some items alone, in the order of their rows."""
    if isinstance(attribute, ListAttribute):
        starts, lengths = attribute.offsets[items], attribute.offsets[items + 1] - attribute.offsets[items]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
        return replace(attribute, offsets=offsets, codes=attribute.codes[places])
    if isinstance(attribute, TextAttribute):
        return replace(attribute, codes=attribute.codes[items])
    if isinstance(attribute, NumberAttribute):
        return replace(attribute, values=attribute.values[items])
    raise TypeError(f"an attribute of an unknown kind: {type(attribute).__name__}")
