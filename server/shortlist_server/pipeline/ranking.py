"""Make lists for customers that are resolved: retrieve and rerank, or order by predicted rating."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle import shares
from shortlist_bundle.diversity.settings import Diversity
from shortlist_bundle.engine import Encoded, Engine, Ranked, best_of
from shortlist_bundle.exploration.explorer import Explored
from shortlist_bundle.exploration.settings import Exploration
from shortlist_bundle.knowledge.wishes import Wish as Preference
from shortlist_bundle.merge import Candidates
from shortlist_bundle.model import Model
from shortlist_bundle.ratings import RatingModel
from shortlist_bundle.reasons.explain import Reasons, explain
from shortlist_bundle.reasons.moves import moves
from shortlist_bundle.reasons.rated import explain_ratings
from shortlist_bundle.shares import Shares
from shortlist_bundle.sources.strategies import Effort, Strategy
from shortlist_bundle.sources.vectors import VectorScores
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.towers.layers import Float
from shortlist_server.pipeline.exploring import Drawing
from shortlist_server.pipeline.variety import Variety

Mask = NDArray[np.bool_]
CELLS = 2**24
"""Customers times items that one chunk's masks may have."""
CHUNK = 64
"""Customers of a chunk: what is worked out for more of them no longer stays in the processor's caches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a group of customers of one batch has in common.

    Attributes:
        seen_allowed: whether seen items may be in their lists.
        sources: who proposes, and what the lists hold of each; empty for the bundle's own budget.
        k: length of the longest list of the group.
        explain: whether reasons are wanted.
        diversity: how varied the lists are to be.
        exploration: what they try out.
        wishes: what the customers say they want; see `utility_ranking`.
        wish_weight: share of the wishes in the final order.
    """

    seen_allowed: bool
    sources: Shares
    k: int
    explain: bool = False
    diversity: Diversity = field(default_factory=Diversity)
    exploration: Exploration = field(default_factory=Exploration)
    wishes: tuple[Preference, ...] = ()
    wish_weight: float = 0.0
    quotas: bool = field(init=False)
    """Whether the lists hold a number of items of some source."""
    picks: bool = field(init=False)
    """Whether lists can differ at all from the order of the scores."""

    def __post_init__(self) -> None:
        quotas = any(share.quota for share in self.sources)
        object.__setattr__(self, "quotas", quotas)
        object.__setattr__(self, "picks", self.diversity.active or quotas)

    @property
    def moves(self) -> bool:
        """Whether lists can differ at all from the order of the scores."""
        return self.picks or self.exploration.active

    @property
    def chooses(self) -> bool:
        """Whether others than diversity choose among the candidates."""
        return self.quotas or self.exploration.active


class Timings:
    """Milliseconds per stage."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap on a stage."""
        now = perf_counter()
        self.spent[stage] = self.spent.get(stage, 0.0) + 1000.0 * (now - self._last)
        self._last = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The lists of a group of B customers.

    Attributes:
        ranked: their best items.
        reasons: why those items are there; None where nobody asked.
        efforts: what was done to find each customer's items among the vectors; None where none were searched.
        explored: the lists with their propensities; None where nothing was drawn.
    """

    ranked: Ranked
    reasons: Reasons | None
    efforts: Sequence[Effort | None]
    explored: Explored | None = None


def rank(
    model: Model,
    batch: CustomerBatch,
    allowed: Mask,
    wish: Wish,
    timings: Timings,
    variety: Variety,
    drawing: Drawing | None = None,
) -> Ranking:
    """Return each customer's best `wish.k` allowed items, and why if they are explained.

    Args:
        model: the bundle.
        batch: B customers.
        allowed: bool [B, N + 1].
        wish: the same for all of them.
        timings: of the stages, added to.
        variety: the bundle's diversity.
        drawing: what fills explored places; None where there are none.
    """
    if model.policy.ranks_by_rating and model.ratings:
        most = int(allowed.sum(axis=1).max(initial=0))
        best = rank_by_rating(
            model.ratings, batch, allowed, variety.pool(wish.diversity, wish.k, most, more=wish.chooses)
        )
        timings.lap("rerank")
        listed = varied(best, batch, wish, timings, variety, logits=False)
        explored = drawn(best, listed, wish, timings, variety, drawing, logits=False)
        ranked = explored.ranked if explored else listed
        reasons = None
        if wish.explain:
            reasons = explain_ratings(model.ratings, batch, ranked.items, item_rows=len(model.items))
            reasons = replace(reasons, moves=moves(best, ranked) if wish.moves else None)
            timings.lap("explain")
        return Ranking(ranked=ranked, reasons=reasons, efforts=every_item(allowed), explored=explored)
    if model.engine is None:
        raise ValueError("the bundle has neither an engine nor ratings")
    encoded = model.engine.retriever.encode(batch)
    timings.lap("encode")
    candidates = retrieve(model.engine, encoded, allowed, wish)
    candidates = variety.complete(model.engine, encoded, candidates, allowed, wish.diversity)
    timings.lap("retrieve")
    pool = variety.pool(wish.diversity, wish.k, candidates.items.shape[1], more=wish.chooses)
    best = model.engine.rerank(encoded, candidates, seen_allowed=wish.seen_allowed, k=pool)
    timings.lap("rerank")
    listed = varied(best, batch, wish, timings, variety, logits=True)
    explored = drawn(best, listed, wish, timings, variety, drawing, logits=True, vectors=lambda: encoded.vectors)
    ranked = explored.ranked if explored else listed
    reasons = None
    if wish.explain:
        reasons = explain(model.engine, encoded, ranked, seen_allowed=wish.seen_allowed)
        reasons = replace(reasons, moves=moves(best, ranked) if wish.moves else None)
        timings.lap("explain")
    return Ranking(ranked=ranked, reasons=reasons, efforts=efforts_of(encoded), explored=explored)


def efforts_of(encoded: Encoded) -> list[Effort | None]:
    """Return what the two-tower did for each customer, or the embedding model where the two-tower took no part."""
    found: list[Effort | None] = [None] * len(encoded.batch)
    for name in ("embedding", "two_tower"):
        board = encoded.boards.get(name)
        if isinstance(board, VectorScores):
            found = [own or other for own, other in zip(board.efforts, found, strict=True)]
    return found


def every_item(allowed: Mask) -> list[Effort | None]:
    """Return what it takes to look at each customer's allowed items, bool [B, N + 1]."""
    return [Effort(Strategy.GATHERED, int(count), int(count)) for count in allowed.sum(axis=1)]


def varied(
    ranked: Ranked, batch: CustomerBatch, wish: Wish, timings: Timings, variety: Variety, *, logits: bool
) -> Ranked:
    """Return the lists as varied as the group wants them; as they are where it does not.

    Args:
        ranked: B customers' candidates.
        batch: the customers.
        wish: the same for all of them.
        timings: added to.
        variety: the bundle's diversity.
        logits: whether the candidates' scores are the scorer's own.
    """
    if not wish.picks:
        return ranked
    trade = variety.trade(logits=logits, seen_allowed=wish.seen_allowed)
    ranked = variety.pick(ranked, batch.history, wish.diversity, wish.k, wish.sources, trade)
    timings.lap("diversify")
    return ranked


def drawn(
    pool: Ranked,
    listed: Ranked,
    wish: Wish,
    timings: Timings,
    variety: Variety,
    drawing: Drawing | None,
    *,
    logits: bool,
    vectors: Callable[[], Float] | None = None,
) -> Explored | None:
    """Return the lists with their explored places drawn; None where nothing is.

    Args:
        pool: B customers' candidates.
        listed: their lists without exploration.
        wish: the same for all of them.
        timings: added to.
        variety: the bundle's diversity, whose caps and quotas bind what is drawn.
        drawing: by whom.
        logits: whether the candidates' scores are the scorer's own.
        vectors: returns the customers' vectors; None for a bundle without towers, whose heads are refused before.
    """
    if drawing is None:
        return None
    trade = variety.trade(logits=logits, seen_allowed=wish.seen_allowed)
    explored = drawing.exploring.explore(
        pool,
        listed,
        wish.exploration,
        wish.k,
        generators=drawing.generators,
        rules=partial(variety.rules, pool, wish.diversity, wish.k, wish.sources),
        chances=lambda row, count: trade.chances(pool.scores[row, :count]),
        vectors=vectors or (lambda: np.zeros((len(pool.items), 0), np.float32)),
        items=drawing.items,
        takings=drawing.takings,
    )
    timings.lap("explore")
    return explored


def retrieve(engine: Engine, encoded: Encoded, allowed: Mask, wish: Wish) -> Candidates:
    """Return the merged shortlists of a group."""
    depths = depths_of(engine, wish)
    return engine.retriever.retrieve(encoded, allowed, depths, at_least=wish.k)


def depths_of(engine: Engine, wish: Wish) -> Mapping[str, int]:
    """Return how many candidates each source may propose to the lists of a group."""
    learnt = engine.depths[wish.seen_allowed]
    return shares.depths_of(wish.sources, learnt, k=wish.k, items=engine.retriever.item_count)


def rank_by_rating(ratings: RatingModel, batch: CustomerBatch, allowed: Mask, k: int) -> Ranked:
    """Order every allowed item by its predicted rating: what a bundle of ratings serves.

    Clipping to the scale comes after the order: among several items beyond its end some are still better than others.
    """
    width = int(allowed.sum(axis=1).max(initial=0))
    items = np.zeros((len(batch), max(width, 1)), np.int32)
    for row, mask in enumerate(allowed):
        found = np.flatnonzero(mask)
        items[row, : len(found)] = found
    nobody = np.full((*items.shape, 0), -1, np.int16)
    ranked = best_of(Candidates(items=items, ranks=nobody), ratings.unclipped(batch, items), k)
    return replace(ranked, scores=np.clip(ranked.scores, ratings.low, ratings.high))


def chunks(count: int, width: int) -> Sequence[slice]:
    """Return slices of a batch, each small enough for its masks to fit."""
    size = min(max(CELLS // max(width, 1), 1), CHUNK)
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]
