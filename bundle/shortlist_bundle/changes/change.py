"""What can happen after a bundle was made: one small frozen class for each kind of change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Scalar: TypeAlias = str | float | int | bool
Value: TypeAlias = Scalar | tuple[str, ...]
"""A value of a column; a tuple is a list of categories."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecorded:
    """A customer did something with an item.

    Attributes:
        event_id: made by the caller, 1 to 64 bytes; the same id is recorded once.
        customer_id, item_id: ids of the log; may be new.
        event: kind of event (view, click, purchase...); empty: the log's main event.
        timestamp: when, epoch seconds; the server fills in the moment of arrival where the caller said nothing.
        value: weight or quantity, finite and at least 0.
        rating: the customer's own judgement, on the scale of the log; None for none given.
        order_id: names what was taken together; empty: taken alone.
        context: values by column name of the log.
        impression_id: the list that the customer acted on; empty for none.
        rank: where the item stood in that list, counted from 0; None when not known.
        placement: where it happened; empty when not said.
    """

    event_id: str
    customer_id: str
    item_id: str
    timestamp: float
    event: str = ""
    value: float = 1.0
    rating: float | None = None
    order_id: str = ""
    context: Mapping[str, Scalar] = field(default_factory=dict)
    impression_id: str = ""
    rank: int | None = None
    placement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemUpserted:
    """An item was added, or replaced whole.

    Attributes:
        item_id: the id in the log.
        attributes: values by column name.
        available_from, available_until: epoch seconds, the second excluded; None where open.
    """

    item_id: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    available_from: float | None = None
    available_until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDeleted:
    """An item was taken out of the catalogue."""

    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDescribed:
    """Features of a customer were set: columns not named stay as they are, None clears a column."""

    customer_id: str
    features: Mapping[str, Value | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerForgotten:
    """Everything that was said of a customer before this change is to be forgotten."""

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListShown:
    """A list was shown from which the head that explores learns: what it knew of the items when it drew them.

    Sequences are parallel to `item_ids`, best place first.

    Attributes:
        impression_id: as the reply names it; events refer to it.
        bundle_id: hash of the bundle that made it: the numbers below mean nothing to another one.
        customer_id: empty for someone without an id.
        moment: epoch seconds, what counted as now.
        item_ids: what was shown.
        chances: how likely each was to be taken, as far as the bundle knew.
        novelty: of each, in (0, 1].
        vector: the customer's direction in the two-tower's space.
    """

    impression_id: str
    bundle_id: str
    customer_id: str = ""
    moment: float
    item_ids: tuple[str, ...]
    chances: tuple[float, ...]
    novelty: tuple[float, ...]
    vector: tuple[float, ...]


Change: TypeAlias = EventRecorded | ItemUpserted | ItemDeleted | CustomerDescribed | CustomerForgotten | ListShown
