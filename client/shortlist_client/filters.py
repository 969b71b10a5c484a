"""Conditions on the attributes of items, joined by `&`, `|` and `~`.

`Equals("brand", "National") & Range("price", at_most=20) & ~Flag("adult")` leaves items of that brand that cost at most
20 and are not marked adult.
"""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass

from shortlist_client.profile import Moment, Scalar


class Filter:
    """Be the base of every condition."""

    __slots__ = ()

    def __and__(self, other: "Filter") -> "All":
        """Require both."""
        return All((self, other))

    def __or__(self, other: "Filter") -> "Any":
        """Require at least one of the two."""
        return Any((self, other))

    def __invert__(self) -> "Not":
        """Require that this one does not hold."""
        return Not(self)


@dataclass(frozen=True, slots=True)
class Equals(Filter):
    """Hold when the attribute has this value; for a list of categories, when the list contains it."""

    attribute: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class AnyOf(Filter):
    """Hold when the attribute has one of these values."""

    attribute: str
    values: Iterable[Scalar]

    def __post_init__(self) -> None:
        _keep(self, "values")


@dataclass(frozen=True, slots=True)
class Range(Filter):
    """Hold when a number or a time lies within every limit that is given, in the unit of its column."""

    attribute: str
    _: KW_ONLY
    at_least: Moment | None = None
    more_than: Moment | None = None
    at_most: Moment | None = None
    less_than: Moment | None = None


@dataclass(frozen=True, slots=True)
class Flag(Filter):
    """Hold when the yes/no attribute is in this state."""

    attribute: str
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class All(Filter):
    """Hold when every filter holds."""

    filters: Iterable[Filter]

    def __post_init__(self) -> None:
        _keep(self, "filters")


@dataclass(frozen=True, slots=True)
class Any(Filter):
    """Hold when at least one filter holds."""

    filters: Iterable[Filter]

    def __post_init__(self) -> None:
        _keep(self, "filters")


@dataclass(frozen=True, slots=True)
class Not(Filter):
    """Hold when the filter does not; so also for an item whose attribute is not known."""

    filter: Filter


def _keep(filter: AnyOf | All | Any, name: str) -> None:
    """Make a tuple of what was given, so that a filter can be sent more than once."""
    given = getattr(filter, name)
    # One text is no sequence of values; it stays as it is, and is refused when it is sent.
    if not isinstance(given, str):
        object.__setattr__(filter, name, tuple(given))
