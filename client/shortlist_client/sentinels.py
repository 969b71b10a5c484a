"""What a server's sentinels say of the bundle that it serves."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRecall:
    """How much of what an exact search finds the index found.

    Attributes:
        space: The space that was searched, e.g. "two_tower".
        allowed: The share of the items that requests had left, e.g. "25-90%".
        searches: How many searches were made again.
        recall: In [0, 1].
    """

    space: str
    allowed: str
    searches: int
    recall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """How many items of a space were encoded again, and how many of them lie elsewhere than the index has them."""

    space: str
    checked: int
    apart: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentinels:
    """What one process has seen of its bundle, from a share of the lists that it made.

    Attributes:
        rate: Share of the lists that are looked at.
        lists: How many were looked at.
        dropped: How many there was no room for.
        recall: By space and by the share of the items that was allowed; empty where every space is searched exactly.
        recall_floor: Below it indexes are searched deeper.
        search_depth: So many times as deep as the bundle was tuned are they searched now.
        score_drift: Divergence between the scores served and the bundle's own, in bits, in [0, 1]; None until enough
            lists were looked at.
        skew: By space.
        fallbacks: Code -> lists that had it.
        unknown_customers: Lists for customers whom nobody knows.
        history_items: Items that requests named as history.
        unknown_history_items: Of those, items that the catalogue does not have.
        warnings: What is beyond its limit, in words; empty when all is well.
    """

    rate: float
    lists: int
    dropped: int
    recall: tuple[SearchRecall, ...] = ()
    recall_floor: float = 0.0
    search_depth: float = 1.0
    score_drift: float | None = None
    skew: tuple[Skew, ...] = ()
    fallbacks: Mapping[str, int] = field(default_factory=dict)
    unknown_customers: int = 0
    history_items: int = 0
    unknown_history_items: int = 0
    warnings: tuple[str, ...] = ()
