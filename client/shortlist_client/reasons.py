"""Why an item is in a list, as the server told it; `sentences` puts it into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryShare:
    """One item of the history, and its share, in (0, 1], of all that speaks for another item in a source."""

    item_id: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRank:
    """That a source proposed the item.

    Attributes:
        source: Name of the source.
        rank: Rank that it gave the item; 0 is best.
        score: Score of the source's own.
        history: What of the history speaks most for the item here, largest share first; empty for a source that does
            not read the history item by item.
        history_share: Share of the whole history, in [0, 1]; what is left to 1 is no history.
    """

    source: str
    rank: int
    score: float
    history: tuple[HistoryShare, ...] = ()
    history_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How often the customer took the item before.

    Attributes:
        count: How many times, at least 1.
        since: Seconds since the last time; None for a log without timestamps.
        gap: Mean seconds from one time to the next; None when all were at one moment.
    """

    count: int
    since: float | None = None
    gap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMove:
    """That a rule of the list (diversity, a cap, a quota) moved the item up by so many places; negative: down."""

    rule: str
    ranks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Why an item is in a list; false when nothing was told.

    Attributes:
        sources: Who proposed it, the highest rank first.
        score_changes: Group of what the scorer reads ("source:item_cf", "own_history", "item"...) -> how much the score
            owes to it, on the scale of the score; negative where it spoke against the item. Of a predicted rating, in
            ratings: "customer" (what they give to everything), "item" (what it gets from everybody), "taste" (the two
            together).
        taken: None when the customer has never taken it.
        moves: What rules of the list did to it.
    """

    sources: tuple[SourceRank, ...] = ()
    score_changes: Mapping[str, float] = field(default_factory=dict)
    taken: Taken | None = None
    moves: tuple[RuleMove, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sources or self.score_changes or self.taken or self.moves)
