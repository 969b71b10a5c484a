"""Items near an item."""

from collections.abc import Iterator
from dataclasses import dataclass

from shortlist_client.recommendations import Bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarItem:
    """One neighbour: its similarity (unit by space, higher is nearer) and its rank, counted from 0."""

    item_id: str
    score: float
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarItems:
    """The neighbours, nearest first, and the item space in which they were found."""

    items: tuple[SimilarItem, ...]
    space: str
    bundle: Bundle

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
