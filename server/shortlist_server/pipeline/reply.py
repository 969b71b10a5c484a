"""What the pipeline answers, free of protobuf and gRPC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.changes.log import START, Position
from shortlist_bundle.sources.strategies import Strategy
from shortlist_server.pipeline.needs import RelaxationTold, WishMet

SHORT_LIST = "short_list"
"""Fewer came back than were asked for, because there are no more."""


class ClockUsed(Enum):
    """Where the `as_of` of an answer came from."""

    REQUEST = "request"
    LIVE = "live"
    LOG_END = "log_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryShare:
    """One item of the history, and its share, in (0, 1], of what speaks for another item in a source."""

    item_id: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRank:
    """That a source proposed the item, at which rank (0 is best) and with which score of its own."""

    source: str
    rank: int
    score: float
    history: Sequence[HistoryShare] = ()
    """Who of the history speaks most for the item in this source, largest share first."""
    history_share: float = 0.0
    """Share of the whole history, in [0, 1]; what is left to 1 is no history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How often the customer has taken the item, and in seconds how long ago and how far apart, where that is known."""

    count: int
    since: float | None
    gap: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMove:
    """That a rule of the list moved the item up by so many places; negative for down."""

    rule: str
    ranks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why one item is in the list."""

    sources: Sequence[SourceRank] = ()
    """Who proposed it, the highest rank first."""
    score_changes: Sequence[float] = ()
    """What its score owes to each of the list's `score_groups`."""
    taken: Taken | None = None
    moves: Sequence[RuleMove] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterReport:
    """What became of a filter."""

    strategy: Strategy | None
    """How the vectors were searched; None where none were."""
    matching: int
    """How many items of the catalogue meet the filter."""
    scanned: int
    """How many items the search looked at."""
    survived: int
    """How many of those may be in the list."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeadView:
    """What the head saw of a list that it drew; kept for learning, and not part of the reply."""

    features: NDArray[np.float64]
    """[k, F], of the items shown."""
    customer: NDArray[np.float32]
    """[D + 1], the two-tower's vector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorationReport:
    """How places of a list were drawn."""

    policy: str
    seed: int
    strength: float
    temperature: float
    slots: Sequence[int]
    """Counted from 0; empty for every one."""
    propensities: Sequence[float]
    """Per item, the probability in (0, 1] with which it came to its place, given those above it."""
    standard_errors: Sequence[float] = ()
    """Per item, of its propensity; empty where these are exact."""
    head: HeadView | None = field(default=None, compare=False, repr=False)
    """None for policies without a head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendations:
    """A ranked list: parallel sequences, best first."""

    item_ids: Sequence[str]
    scores: Sequence[float]
    source_masks: Sequence[int]
    """Per item, bit j is set when source j of `sources` proposed it."""
    sources: Sequence[str]
    """The names of the bundle's sources, in the order of the mask's bits."""
    source_ranks: NDArray[np.int16] | None = field(default=None, compare=False)
    """[k, S], each source's rank of the item, -1 where it did not propose it; None where no source was asked."""
    explanations: Sequence[Explanation] = ()
    """Per item, why it is there; filled only when asked."""
    score_groups: Sequence[str] = ()
    """Groups of what the scorer reads, in the order of `Explanation.score_changes`; filled only when asked."""
    as_of: float = 0.0
    clock: ClockUsed = ClockUsed.LIVE
    known_customer: bool = True
    fallbacks: Sequence[str] = ()
    """What was degraded or fell back, as short machine-readable reasons, e.g. 'cold_start:features', 'stale_log'."""
    unknown_items: int = 0
    """How many ids in the exclusion list or the request's history the catalogue does not know."""
    unknown_attributes: Sequence[str] = ()
    """Profile features that the bundle was not trained with; they were ignored."""
    candidates: int = 0
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds per stage: resolve, encode, retrieve, filter, rerank; explain when asked to."""
    wishes_met: Sequence[Sequence[WishMet]] = ()
    """Per item, how far it meets each wish; filled only when explanations are asked for."""
    relaxations: Sequence[RelaxationTold] = ()
    """What to give up where nothing meets every must."""
    filter_report: FilterReport | None = None
    """None for a request without a filter."""
    exploration: ExplorationReport | None = None
    """None where nothing was drawn."""
    position: Position = START
    """Up to which position of the log of changes the answer knew what happened."""
    seen_allowed: bool = True
    """Whether items that the customer had taken could be in the list."""
    search_depth: float = 1.0
    """So many times as deep as the bundle was tuned were its indexes searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarItems:
    """Items near the seed, highest similarity first."""

    item_ids: Sequence[str]
    scores: Sequence[float]
    space: str
    filter_report: FilterReport | None = None
    """None for a request without a filter."""
    fallbacks: Sequence[str] = ()
    """What fell back, as short machine-readable reasons: 'filled:two_tower', 'short_list'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarCustomers:
    """Customers near the one asked about, highest similarity first."""

    customer_ids: Sequence[str]
    scores: Sequence[float]
    as_of: float = 0.0
    clock: ClockUsed = ClockUsed.LIVE
    known_customer: bool = True
    fallbacks: Sequence[str] = ()


class ScoreKind(Enum):
    """What the numbers of a `Scores` mean."""

    RATING = "rating"
    PROBABILITY = "probability"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCalibration:
    """What makes scores mean what they say: how, and on which part of the log, they were fitted and checked."""

    method: str
    """'isotonic', 'platt', 'rate' or 'none' for probabilities, 'regression' for ratings."""
    window: str = ""
    """'tuning': the window of the log that the curve was fitted on; 'held-out ratings'."""
    start: float | None = None
    """First moment of that window, seconds since 1970-01-01 UTC."""
    end: float | None = None
    error: float | None = None
    """Expected calibration error on a later window; of ratings the RMSE on held-out ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """One score per requested item, in the order of the request."""

    item_ids: Sequence[str]
    scores: Sequence[float]
    kind: ScoreKind
    as_of: float = 0.0
    clock: ClockUsed = ClockUsed.LIVE
    known_customer: bool = True
    fallbacks: Sequence[str] = ()
    calibration: ScoreCalibration = ScoreCalibration(method="none")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerVectors:
    """One vector per customer, in the order of the request."""

    vectors: NDArray[np.float32]
    """[B, D]."""
    known: Sequence[bool]
    """For each row, whether training has seen the customer."""
    as_of: float = 0.0
    clock: ClockUsed = ClockUsed.LIVE
