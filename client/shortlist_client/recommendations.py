"""Ranked lists for customers, as the server made them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from shortlist_client.errors import CallError
from shortlist_client.needs import Relaxation, WishMet
from shortlist_client.reasons import Reasons
from shortlist_client.sentences import sentence, short

NO_REASONS = Reasons()


class Clock(Enum):
    """Where the "now" of an answer came from."""

    REQUEST = "request"
    LIVE = "live"
    LOG_END = "log_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The bundle that made an answer; `id` is the hash of everything that determines answers."""

    model: str
    version: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """What was degraded or fell back: a short code for programs, and a sentence for people (may be empty)."""

    code: str
    text: str = ""


class FilterStrategy(Enum):
    """How the items that a filter allows were found among the vectors."""

    EXACT = "exact"
    """Every item was scored, and those allowed were kept."""
    GATHERED = "gathered"
    """The allowed items were gathered and scored, no other."""
    SELECTOR = "selector"
    """The lists of the index were searched for allowed items alone."""
    OVER_FETCH = "over_fetch"
    """The index was searched for more than were wanted, and what is not allowed was dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterReport:
    """What became of a filter.

    Attributes:
        strategy: How the vectors were searched; None where none were, or when this client does not know the word.
        matching: How many items of the catalogue meet the filter.
        scanned: How many items that search looked at.
        survived: How many of those may be in the list: they can be had too, and are neither excluded nor, where that
            counts, seen.
    """

    strategy: FilterStrategy | None
    matching: int
    scanned: int
    survived: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorationReport:
    """How places of a list were drawn; with `seed` they can be drawn again.

    Attributes:
        policy: Name of the policy.
        seed: The request's, or one that the server drew.
        strength: Share of its draws.
        temperature: How far they strayed.
        slots: The places that were drawn, counted from 0; empty: every one.
        standard_errors: Of each item's propensity; empty where these are exact.
    """

    policy: str
    seed: int
    strength: float
    temperature: float
    slots: tuple[int, ...] = ()
    standard_errors: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """One item of a list.

    Attributes:
        item_id: The item.
        score: Final score, on the model's own scale.
        rank: Place in the list, counted from 0.
        sources: Names of the candidate sources that proposed it.
        reasons: Why it is there; false unless asked for with `explain`.
        wishes_met: How far it meets each wish of the needs; empty unless asked for with `explain`.
        propensity: Probability in (0, 1] with which exploration placed it here, given the items above it; None without
            exploration.
    """

    item_id: str
    score: float
    rank: int
    sources: tuple[str, ...] = ()
    reasons: Reasons = NO_REASONS
    wishes_met: tuple[WishMet, ...] = ()
    propensity: float | None = None

    @property
    def reason(self) -> str:
        """Why it is there, as a sentence that calls items by their ids; empty unless asked for with `explain`."""
        return sentence(self.item_id, self.reasons, wishes=self.wishes_met)

    def reason_with(self, names: Mapping[str, str]) -> str:
        """Return the same sentence with names: item id -> name; items without a name keep their ids."""
        return sentence(self.item_id, self.reasons, names, wishes=self.wishes_met)

    def short_reason(self, names: Mapping[str, str] | None = None) -> str:
        """Return the strongest reasons in a few words, for a table; empty when no source proposed the item."""
        return short(self.item_id, self.reasons, names, wishes=self.wishes_met)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendations:
    """A ranked list, best first; iterate over it, or index it.

    Attributes:
        items: The recommendations.
        bundle: The bundle that made them.
        impression_id: Name of this list, to be sent back with the events that follow from it.
        as_of: The "now" that was used, seconds since 1970-01-01 UTC.
        clock: Where that "now" came from; None when this client does not know the word for it.
        known_customer: Whether the customer's id is known.
        fallbacks: What was degraded or fell back; empty when nothing was.
        unknown_items: How many ids among the exclusions and the profile's history the catalogue does not know.
        unknown_attributes: Features of the profile that the bundle was not trained with; they were ignored.
        candidates: How many candidates were reranked.
        timings_ms: Stage -> milliseconds; empty unless asked for with `include_timings`.
        relaxations: Where no item meets every must: what to give up, the best first.
        filter_report: What became of the filter; None without one.
        exploration: How places were drawn; None without exploration.
        search_depth: So many times as deep as the bundle was tuned were indexes searched; above 1 a sentinel found that
            they missed too much. The same bundle, depth and request give the same list.
    """

    items: tuple[Recommendation, ...]
    bundle: Bundle
    impression_id: str = ""
    as_of: float = 0.0
    clock: Clock | None = None
    known_customer: bool = True
    fallbacks: tuple[Fallback, ...] = ()
    unknown_items: int = 0
    unknown_attributes: tuple[str, ...] = ()
    candidates: int = 0
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    relaxations: tuple[Relaxation, ...] = ()
    filter_report: FilterReport | None = None
    exploration: ExplorationReport | None = None
    search_depth: float = 1.0

    def __iter__(self) -> Iterator[Recommendation]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, rank: int) -> Recommendation:
        return self.items[rank]

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The item ids alone, best first."""
        return tuple(item.item_id for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """One customer's row of a batch: a list, or the error that took its place."""

    recommendations: Recommendations | None = None
    error: CallError | None = None

    def result(self) -> Recommendations:
        """Return the list.

        Raises:
            CallError: Of the kind that this row met.
        """
        if self.recommendations is None:
            raise self.error or CallError("the server sent neither a list nor an error for this row")
        return self.recommendations


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One row for each customer asked for, in that order; all made by one bundle."""

    rows: tuple[BatchRow, ...]
    bundle: Bundle

    def __iter__(self) -> Iterator[BatchRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> BatchRow:
        return self.rows[row]
