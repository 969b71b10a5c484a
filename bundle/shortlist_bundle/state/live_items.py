"""The items that were upserted since a bundle was made."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shortlist_bundle.changes.change import ItemUpserted
from shortlist_bundle.state.shards import Shards


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveItems:
    """The items that were upserted since the bundle was made, as they are known at one position.

    Attributes:
        upserted: id -> what was said of it last.
        moved: rows that an item had before it was replaced -> the row that it has now.
        left: how many new items there is room for.
    """

    upserted: Shards[str, ItemUpserted] = field(default_factory=Shards[str, ItemUpserted])
    moved: Mapping[int, int] = field(default_factory=dict)
    left: int = 0
