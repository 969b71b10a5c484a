"""What a customer says that they need."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from shortlist_client.filters import Filter
from shortlist_client.profile import Moment, Scalar

Must = Filter | Mapping[str, Scalar | Iterable[Scalar]]
"""A filter, or attribute -> required value (or the values allowed)."""


class Direction(Enum):
    """Which end of a number's range is wanted."""

    LOWEST = "lowest"
    HIGHEST = "highest"


@dataclass(frozen=True, slots=True)
class Wish:
    """Something wanted of an attribute: give exactly one of `wanted`, `near` and `direction`.

    `Wish("brand", wanted="Private")`, `Wish("price", near=20, within=5, weight=2)`,
    `Wish("price", direction=Direction.LOWEST)`.

    Attributes:
        attribute: The attribute's column name.
        wanted: The value wanted, or several of which one is enough.
        near: A number or a time that the attribute should be close to.
        within: How far from it is as good as on it; None leaves it to the server.
        direction: As low, or as high, as possible.
        weight: How much it counts beside the other wishes.
    """

    attribute: str
    wanted: Scalar | Iterable[Scalar] = None
    near: Moment | None = None
    within: float | None = None
    direction: Direction | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Musts and wishes over the attributes of items; no past is needed.

    Attributes:
        musts: Conditions that every item meets, told apart when nothing meets them all: filters, or attribute ->
            value. Given as one mapping, each of its entries is a must of its own.
        wishes: What is wanted, though the list may hold items that do not have it.
        weight: Share of the wishes in the final order, 0 to 1; None leaves it to the server, which takes a half.
        relax: Where nothing meets every must, make the list under the best relaxation instead of none.
    """

    musts: Iterable[Must] | Mapping[str, Scalar | Iterable[Scalar]] = ()
    wishes: Iterable[Wish] = ()
    weight: float | None = None
    relax: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WishMet:
    """How far an item meets one wish.

    Attributes:
        wish: Position of the wish among the needs, counted from 0.
        attribute: What the wish is about.
        met: Whether the item meets it.
        degree: How far, 0 to 1.
        value: What the item has there; None where that is not known.
    """

    wish: int
    attribute: str
    met: bool
    degree: float
    value: str | float | int | bool | tuple[str, ...] | None = None

    @property
    def text(self) -> str:
        """The attribute and what the item has there, e.g. "brand Farm"."""
        return f"{self.attribute} {_shown(self.value)}"


def in_words(wishes: Iterable[WishMet]) -> tuple[str, ...]:
    """Return what an item has of the wishes that it meets."""
    return tuple(one.text for one in wishes if one.met)


def _shown(value: str | float | int | bool | tuple[str, ...] | None) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "+".join(value) or "none"
    return value if isinstance(value, str) else f"{value:.6g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """Musts that would have to be given up for anything to meet the others.

    Attributes:
        musts: Their positions among the needs, counted from 0.
        items: How many items meet everything else.
        text: The same as a sentence, e.g. "without `brand = X` there are 14".
    """

    musts: tuple[int, ...]
    items: int
    text: str = ""
