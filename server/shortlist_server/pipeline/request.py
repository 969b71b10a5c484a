"""What a caller may ask of the pipeline, free of protobuf and gRPC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from shortlist_bundle.changes.log import START, Position
from shortlist_bundle.diversity.settings import Quota
from shortlist_bundle.filters.conditions import Filter
from shortlist_server.pipeline.needs import Needs

Scalar = str | float | int | bool


class Seen(Enum):
    """Whether items that the customer has already taken may be in the list."""

    POLICY = "policy"
    INCLUDE = "include"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One past interaction that the request itself brings; `timestamp` in seconds, None means just before `as_of`."""

    item_id: str
    timestamp: float | None = None
    value: float = 1.0
    rating: float | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A customer as the request describes them: feature values by column name, and recent history, oldest first."""

    features: Mapping[str, Scalar | Sequence[str]] = field(default_factory=dict)
    history: Sequence[Event] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DiversityRequest:
    """How varied a list is to be, where the request says so; what it leaves out is as the placement's policy says."""

    method: str | None = None
    """'mmr', 'dpp', 'calibration', 'max_sum', or 'none', which leaves out all of the policy's diversity."""
    strength: float | None = None
    serendipity: float | None = None
    caps: tuple[tuple[str, int], ...] = ()
    """Attribute and how many items may share one value of it, sorted by name."""
    quotas: tuple[Quota, ...] = ()
    calibrate: str = ""
    """The attribute whose mix calibration follows."""


AS_THE_POLICY_SAYS = DiversityRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorationRequest:
    """What a list tries out, where the request says so; what it leaves out is as the placement's policy says."""

    policy: str = ""
    """A name of `exploration.settings.STRENGTHS`; 'none' for no exploration."""
    seed: int | None = None
    """Of the draw, 0 to 2^64 - 1; None for a fresh one."""
    strength: float | None = None
    temperature: float | None = None
    slots: tuple[int, ...] = ()
    """Places that are drawn, counted from 0, rising."""


EXPLORE_AS_THE_POLICY_SAYS = ExplorationRequest()
NO_EXPLORATION = ExplorationRequest(policy="none")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendRequest:
    """One customer's request. A known id, a profile, or both (the profile's history extends the stored one)."""

    customer_id: str | None = None
    profile: Profile = field(default_factory=Profile)
    k: int = 10
    as_of: float | None = None
    context: Mapping[str, Scalar] = field(default_factory=dict)
    filter: Filter | None = None
    """Which items may be in the list; None allows every item."""
    exclude_items: Sequence[str] = ()
    seen: Seen = Seen.POLICY
    taken: Sequence[str] = ()
    """Items taken in the session at hand: allowed by `INCLUDE` alone, whatever the bundle's policy."""
    sources: Mapping[str, float] = field(default_factory=dict)
    """Source name -> weight; empty means the bundle's policy. Without any above 0, the learnt depths
    hold, but for sources named without a quota, which are off."""
    source_quotas: Mapping[str, int] = field(default_factory=dict)
    """Source name -> how many items that it proposed the list holds at least; beside `sources`, or alone."""
    placement: str = ""
    """Whose policy holds where the request does not say; empty means the default one."""
    diversity: DiversityRequest = AS_THE_POLICY_SAYS
    exploration: ExplorationRequest = EXPLORE_AS_THE_POLICY_SAYS
    require_known: bool = False
    explain: bool = False
    needs: Needs | None = None
    """What the customer says that they need."""
    after: Position = START
    """The state that answers has seen the log up to here, or further; whoever passes the request on sees to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarItemsRequest:
    """Items near one item; `space` is one of the bundle's item spaces ('two_tower', 'embedding', 'co_occurrence')."""

    item_id: str
    k: int = 10
    space: str = "two_tower"
    filter: Filter | None = None
    exclude_items: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarCustomersRequest:
    """Customers near one: a known id, a profile, or both."""

    customer_id: str | None = None
    profile: Profile = field(default_factory=Profile)
    k: int = 10
    as_of: float | None = None
    require_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRequest:
    """What would this customer make of these items."""

    items: Sequence[str]
    customer_id: str | None = None
    profile: Profile = field(default_factory=Profile)
    as_of: float | None = None
    context: Mapping[str, Scalar] = field(default_factory=dict)
    require_known: bool = False
