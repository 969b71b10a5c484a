"""One wish: an attribute, what is wanted of it, and how much it counts."""

from dataclasses import dataclass
from enum import Enum

from shortlist_bundle.catalogue import Value


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of these values; for a list of categories it is enough to contain one."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A number or a time near a target.

    Attributes:
        target: in the unit of the column.
        within: how far from it is as good as on it, above 0; None for a tenth of the catalogue's robust range.
    """

    target: float
    within: float | None = None


class Direction(Enum):
    """A number or a time as low or as high as possible."""

    LOWEST = "lowest"
    HIGHEST = "highest"


Aim = Wanted | Near | Direction


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish; `weight` is above 0 and relative to the other wishes."""

    attribute: str
    aim: Aim
    weight: float = 1.0
