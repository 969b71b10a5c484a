"""What the sentinels say of one bundle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RecallSeen:
    """The recall of one space's index, for requests that allow about the same share of the items, e.g. '25-90%'."""

    space: str
    allowed: str
    searches: int
    recall: float


@dataclass(frozen=True, slots=True)
class SkewSeen:
    """How many items of a space were encoded again, and how many of them lie elsewhere than the index has them."""

    space: str
    checked: int
    apart: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelReport:
    """What was seen of one bundle since it serves in this process.

    Attributes:
        rate: share of the lists that are looked at.
        lists: that were looked at.
        dropped: of all bundles, for which there was no room.
        recall: by space and share allowed; of the newest searches.
        recall_floor: below which indexes are searched deeper.
        search_depth: so many times as deep as tuned.
        score_drift: in bits, in [0, 1]; None until enough lists were looked at.
        skew: by space; of the newest items.
        fallbacks: code -> lists that had it.
        unknown_customers: lists for customers whom nobody knows.
        history_items, unknown_history_items: named by requests as history, and not in the catalogue.
        warnings: what is beyond its limit, in words.
    """

    rate: float
    lists: int = 0
    dropped: int = 0
    recall: Sequence[RecallSeen] = ()
    recall_floor: float = 0.0
    search_depth: float = 1.0
    score_drift: float | None = None
    skew: Sequence[SkewSeen] = ()
    fallbacks: Mapping[str, int] = field(default_factory=dict)
    unknown_customers: int = 0
    history_items: int = 0
    unknown_history_items: int = 0
    warnings: Sequence[str] = ()
