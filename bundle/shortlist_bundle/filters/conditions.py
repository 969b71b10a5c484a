"""The filter language: conditions on one attribute, joined by and, or and not.

It says the same as `protos/shortlist/v1/filter.proto`, form by form. A condition on an attribute that is not known of
an item does not hold; its negation does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

from shortlist_bundle.attributes import Value


@dataclass(frozen=True, slots=True)
class Equals:
    """The attribute has this value; a list of categories contains it."""

    attribute: str
    value: Value


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The attribute has one of these values, of which there is at least one."""

    attribute: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """A number or a time lies within every limit that is not None, in the unit of its column."""

    attribute: str
    at_least: float | None = None
    more_than: float | None = None
    at_most: float | None = None
    less_than: float | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """The yes/no attribute is in the wanted state."""

    attribute: str
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class All:
    """Every filter holds; there is at least one."""

    filters: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class AnyOne:
    """At least one of the filters holds; there is at least one."""

    filters: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The filter does not hold."""

    filter: "Filter"


Condition: TypeAlias = Equals | AnyOf | Range | Flag
"""A filter on one attribute."""
Filter: TypeAlias = Condition | All | AnyOne | Not


def conditions(filter: Filter) -> Iterator[Condition]:
    """Yield the conditions of a filter, in the order in which they are written."""
    match filter:
        case All(filters) | AnyOne(filters):
            for inner in filters:
                yield from conditions(inner)
        case Not(inner):
            yield from conditions(inner)
        case _:
            yield filter


def fingerprint(filter: Filter) -> bytes:
    """Return 16 bytes that two filters share only if they say the same, word for word.

    Equality would not do: `True == 1 == 1.0`, while a column of numbers refuses the first.
    """
    return blake2b(repr(filter).encode("utf-8", "surrogatepass"), digest_size=16).digest()
