"""What a pipeline says about the bundle it serves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shortlist_bundle.policy import Placement
from shortlist_server.pipeline.reply import ClockUsed, ScoreKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDescription:
    """One bundle: what it was made of, what requests may name, and how good it is."""

    model: str
    version: str
    bundle_id: str
    items: int
    """How many items it knows."""
    customers: int
    """How many customers it knows."""
    embedding_size: int
    sources: Sequence[str] = ()
    """Candidate sources, in the order of the mask's bits."""
    needs_sources: Sequence[str] = ()
    """Sources that requests with needs may name besides; their bits come after those of `sources`."""
    placements: Mapping[str, Placement] = field(default_factory=dict)
    """Placements that requests may name -> their policies."""
    spaces: Sequence[str] = ()
    """Item spaces that `similar_items` may search."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Attributes of items that a filter may name -> kind."""
    features: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Table of the data contract -> feature column -> kind."""
    log_end: float | None = None
    """Last moment of the log, seconds since 1970-01-01 UTC; None for a log without timestamps."""
    created: float = 0.0
    """Seconds since 1970-01-01 UTC."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Measured on held-out interactions, e.g. 'ndcg@10'."""
    aliases: Sequence[str] = ()
    """The aliases that name it now, sorted."""
    clock: ClockUsed | None = None
    """Which 'now' it uses when a request brings none."""
    interactions: int = 0
    """How many interactions it was trained on."""
    score_kind: ScoreKind | None = None
    index: str = ""
    """How items are searched, e.g. 'IVF1264,SQ8'."""
    index_recall: float = 0.0
    """Share of the true nearest items that the index finds, in [0, 1]."""
    repeats: bool = False
    """Whether lists may hold what the customer has already taken, when a request does not say."""
