"""Items near an item, and customers near a customer."""

from collections.abc import Iterator
from dataclasses import dataclass

from shortlist_client.recommendations import Bundle, Clock, Fallback, FilterReport


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarItem:
    """One neighbour: its similarity (unit by space, higher is nearer) and its rank, counted from 0."""

    item_id: str
    score: float
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarItems:
    """The items nearest to one, nearest first.

    Attributes:
        items: The neighbours.
        space: The item space in which they were found.
        bundle: The bundle that found them.
        filter_report: What became of the filter; None without one.
        fallbacks: What fell back, such as "filled:two_tower" where that space had too few; empty when nothing did.
    """

    items: tuple[SimilarItem, ...]
    space: str
    bundle: Bundle
    filter_report: FilterReport | None = None
    fallbacks: tuple[Fallback, ...] = ()

    def __iter__(self) -> Iterator[SimilarItem]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, rank: int) -> SimilarItem:
        return self.items[rank]

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The item ids alone, nearest first."""
        return tuple(item.item_id for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarCustomer:
    """One neighbour: the cosine of its likeness, in [-1, 1], and its rank, counted from 0."""

    customer_id: str
    score: float
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarCustomers:
    """The customers nearest to one, nearest first, never that one itself.

    Attributes:
        customers: The neighbours.
        bundle: The bundle that found them.
        as_of: The "now" that was used, seconds since 1970-01-01 UTC.
        clock: Where that "now" came from; None when this client does not know the word for it.
        known_customer: Whether the customer's id is known.
        fallbacks: What was degraded or fell back; empty when nothing was.
    """

    customers: tuple[SimilarCustomer, ...]
    bundle: Bundle
    as_of: float = 0.0
    clock: Clock | None = None
    known_customer: bool = True
    fallbacks: tuple[Fallback, ...] = ()

    def __iter__(self) -> Iterator[SimilarCustomer]:
        return iter(self.customers)

    def __len__(self) -> int:
        return len(self.customers)

    def __getitem__(self, rank: int) -> SimilarCustomer:
        return self.customers[rank]

    @property
    def customer_ids(self) -> tuple[str, ...]:
        """The customers' ids alone, nearest first."""
        return tuple(customer.customer_id for customer in self.customers)
