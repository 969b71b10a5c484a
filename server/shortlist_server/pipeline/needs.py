"""What a request says that the customer needs, and what the reply says of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from shortlist_bundle.catalogue import Value
from shortlist_bundle.filters.conditions import Filter
from shortlist_bundle.knowledge.wishes import Wish

DEFAULT_WEIGHT = 0.5
"""Share of the wishes in the final order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Must:
    """A condition that every item of the list meets; `text` says it to people, e.g. `brand = X`."""

    condition: Filter
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """At least one must or one wish.

    Attributes:
        musts: at most 16.
        wishes: what is wanted, though the list may hold items that do not have it.
        weight: share of the wishes in the final order, 0 to 1.
        relax: whether to answer under the best relaxation where nothing meets every must.
    """

    musts: Sequence[Must] = ()
    wishes: tuple[Wish, ...] = ()
    weight: float = DEFAULT_WEIGHT
    relax: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WishMet:
    """How far an item meets a wish.

    Attributes:
        wish: position of the wish in the request.
        attribute: what the wish is about.
        met: whether the item meets it.
        degree: how far, 0 to 1.
        value: what the item has there; None where that is not known.
    """

    wish: int
    attribute: str
    met: bool
    degree: float
    value: Value | Sequence[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxationTold:
    """Musts to give up, by position; how many items meet everything else; and that as a sentence."""

    musts: tuple[int, ...]
    items: int
    text: str
