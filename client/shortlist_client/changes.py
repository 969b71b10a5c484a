"""What became of items and customers that were to be changed, and an item as the server knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shortlist_client.errors import CallError
from shortlist_client.profile import Item
from shortlist_client.recommendations import Bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class Upserted:
    """What became of items or customers that were to be stored.

    Attributes:
        stored: How many were.
        errors: Row of a refused one, counted from 0 -> why.
        unknown_attributes: Columns that the models were not trained with. They are stored; of items, filters can ask
            for them at once.
        position: The state after the change: a request with this `after_position` sees it.
    """

    stored: int
    errors: Mapping[int, CallError] = field(default_factory=dict)
    unknown_attributes: tuple[str, ...] = ()
    position: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """What became of items to be taken out, or customers to be forgotten.

    Attributes:
        deleted: How many were.
        unknown: How many ids nobody knew.
        position: The state after the change.
    """

    deleted: int
    unknown: int = 0
    position: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """An item as the server knows it.

    Attributes:
        item: What is known of it; moments are in seconds since 1970-01-01 UTC.
        live: Whether that was said after training.
        bundle: The bundle that was asked.
    """

    item: Item
    live: bool
    bundle: Bundle
