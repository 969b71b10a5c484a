"""Customers and items as a caller describes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

Scalar = str | float | int | bool | datetime | None
"""One value; None means that it is not known, a datetime needs a time zone."""

FeatureValue = Scalar | Iterable[str]
"""One value, or a list of categories."""

Moment = float | datetime
"""Seconds since 1970-01-01 UTC, or a datetime with a time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One past interaction.

    Attributes:
        item_id: The item taken.
        timestamp: When; None means just before the request.
        value: Weight or quantity, at least 0.
        rating: The customer's own judgement on the scale of the log; None means that they gave none.
        event: Kind of event (view, click, purchase...); empty for the log's main event.
    """

    item_id: str
    timestamp: Moment | None = None
    value: float = 1.0
    rating: float | None = None
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the caller itself knows about a customer.

    Attributes:
        features: Column name -> value.
        history: What they took before, oldest first: events, or item ids alone. Extends the stored history of a
            known customer.
    """

    features: Mapping[str, FeatureValue] = field(default_factory=dict)
    history: Iterable[Event | str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A known id, a profile, or both."""

    customer_id: str = ""
    profile: Profile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of the catalogue by its id, or one described by its attributes.

    Attributes:
        item_id: The id in the log.
        attributes: Column name -> value.
        available_from: First moment at which it may be recommended; None for always.
        available_until: First moment at which it may no longer be; None for ever.
    """

    item_id: str = ""
    attributes: Mapping[str, FeatureValue] = field(default_factory=dict)
    available_from: Moment | None = None
    available_until: Moment | None = None
