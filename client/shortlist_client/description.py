"""What a bundle was made of and how good it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shortlist_client.policy import Diversity, Exploration, Source
from shortlist_client.recommendations import Bundle, Clock
from shortlist_client.scores import ScoreKind
from shortlist_client.sentinels import Sentinels


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that requests may use; `kind` is number, category, flag, categories, text or time."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A place where lists are shown.

    Attributes:
        name: What a request calls it; "default" holds for requests that name none.
        diversity: How varied its lists are; a request that says the same gets the same lists.
        sources: Who proposes its candidates where a request names no sources; empty: as learnt.
        exploration: What its lists try out.
    """

    name: str
    diversity: Diversity
    sources: Mapping[str, Source] = field(default_factory=dict)
    exploration: Exploration = field(default_factory=Exploration)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDescription:
    """A bundle as the server describes it.

    Attributes:
        bundle: The bundle.
        aliases: The aliases that name it now, e.g. "stable".
        created_at: When it was made, seconds since 1970-01-01 UTC.
        log_end: Last moment of the log it was trained on, same unit; None for a log without timestamps.
        clock: Which "now" it uses when a request brings none.
        customers: How many customers it knows.
        items: How many items it knows.
        interactions: How many interactions it was trained on.
        embedding_size: Width of its vectors.
        sources: Its candidate sources.
        needs_sources: Those that a request may name besides, if it states needs.
        placements: The placements that requests may name, sorted by name.
        spaces: The item spaces that `similar_items` may search.
        score_kind: What `score` predicts; None when it predicts nothing.
        customer_features: What a profile may give.
        item_attributes: What a filter may use.
        context: What a request's context may give.
        metrics: Measured on held-out interactions, by name.
        index: How items are searched.
        index_recall: Share of the true nearest items that the index finds, in [0, 1].
        repeats: Whether lists may hold what the customer has already taken, when a request does not say.
        sentinels: What the sentinels of the process that answered say of it; None where they are switched off.
    """

    bundle: Bundle
    aliases: tuple[str, ...]
    created_at: float
    log_end: float | None
    clock: Clock | None
    customers: int
    items: int
    interactions: int
    embedding_size: int
    sources: tuple[str, ...]
    needs_sources: tuple[str, ...]
    placements: tuple[Placement, ...]
    spaces: tuple[str, ...]
    score_kind: ScoreKind | None
    customer_features: tuple[Column, ...]
    item_attributes: tuple[Column, ...]
    context: tuple[Column, ...]
    metrics: Mapping[str, float]
    index: str
    index_recall: float
    repeats: bool
    sentinels: Sentinels | None = None
