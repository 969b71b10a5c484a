"""Lists for customers who state wishes: by utility alone, or by it and the order of everything else."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Encoded, Engine, Ranked, best_of
from shortlist_bundle.knowledge.utility import NAME, Knowledge
from shortlist_bundle.merge import Candidates, filled
from shortlist_bundle.model import Model
from shortlist_bundle.ratings import RatingModel
from shortlist_bundle.reasons.explain import Reasons, explain
from shortlist_bundle.reasons.moves import moves
from shortlist_bundle.sources.strategies import Effort
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_server.pipeline.ranking import (
    Mask,
    Ranking,
    Timings,
    Wish,
    depths_of,
    efforts_of,
    every_item,
    rank_by_rating,
    retrieve,
    varied,
)
from shortlist_server.pipeline.variety import POOL, Variety

DEPTH = 100
"""Candidates that the wishes propose where the request gives the source no weight."""

Utility = NDArray[np.float32]


def needs_utility(wish: Wish) -> bool:
    """Return whether a group is ranked by utility: it has wishes, or names the knowledge source beside its musts."""
    return bool(wish.wishes) or NAME in dict(wish.sources)


def rank_by_utility(
    model: Model,
    knowledge: Knowledge,
    batch: CustomerBatch,
    allowed: Mask,
    wish: Wish,
    timings: Timings,
    variety: Variety,
) -> Ranking:
    """Return each customer's best `wish.k` allowed items by utility, and see `ranking.rank` for the rest.

    Returns:
        The lists, whose ranks have one column for each source of the bundle and a last one for the knowledge source;
        the reasons for them have the sources in the same order.
    """
    utility, encoded = knowledge.utility(wish.wishes), None
    efforts: Sequence[Effort | None] = every_item(allowed)
    final, wish = wish, replace(wish, k=_pool(wish, allowed))
    if is_alone(wish):
        ranked = _alone(model, knowledge, utility, allowed, wish.k)
        timings.lap("retrieve")
    elif model.policy.ranks_by_rating and model.ratings:
        ranked = _beside_ratings(model, model.ratings, knowledge, utility, batch, allowed, wish)
        timings.lap("rerank")
    elif model.engine:
        encoded = model.engine.retriever.encode(batch)
        timings.lap("encode")
        ranked = _beside_sources(model, model.engine, knowledge, utility, encoded, allowed, wish, timings)
        efforts = efforts_of(encoded)
    else:
        raise ValueError("the bundle has neither an engine nor ratings")
    # Without wishes the knowledge source proposes, and the scorer orders.
    logits = encoded is not None and not wish.wishes
    best, ranked = ranked, varied(ranked, batch, final, timings, variety, logits=logits)
    reasons = None
    if wish.explain:
        reasons = _reasons(model, encoded, utility, ranked, wish)
        reasons = replace(reasons, moves=moves(best, ranked) if final.diversity.active else None)
        timings.lap("explain")
    return Ranking(ranked=ranked, reasons=reasons, efforts=efforts)


def is_alone(wish: Wish) -> bool:
    """Return whether the knowledge source is the only one that may propose."""
    return {name for name, weight in wish.sources if weight > 0} == {NAME}


def blended(ranked: Ranked, utility: Utility, weight: float) -> NDArray[np.float32]:
    """Return scores in which the wishes have a share, float32 [B, K]; -inf where there is no item.

    `(1 - weight) * relevance + weight * utility`, a weighted hybrid (Burke 2002,
    https://doi.org/10.1023/A:1021240730564), where relevance is the score scaled from 0 to 1 over the candidates:
    a logit has no zero that a utility could be compared with.
    """
    there = ranked.items > 0
    low = np.where(there, ranked.scores, np.inf).min(axis=1, initial=np.inf, keepdims=True)
    high = np.where(there, ranked.scores, -np.inf).max(axis=1, initial=-np.inf, keepdims=True)
    span = np.where(high > low, high - low, 1.0)
    relevance = (np.where(there, ranked.scores, 0.0) - np.where(np.isfinite(low), low, 0.0)) / span
    joined = (1.0 - weight) * relevance + weight * utility[ranked.items]
    return np.where(there, joined, -np.inf).astype(np.float32)


def _pool(wish: Wish, allowed: Mask) -> int:
    """Return how many items a list is picked from: caps and quotas may need any of them."""
    if not wish.diversity.active:
        return wish.k
    return max(int(allowed.sum(axis=1).max(initial=0)) if wish.diversity.ruled else POOL, wish.k)


def _alone(model: Model, knowledge: Knowledge, utility: Utility, allowed: Mask, k: int) -> Ranked:
    items = _proposals(knowledge, utility, allowed, k)
    there = items > 0
    ranks = np.full((*items.shape, _source_count(model) + 1), -1, np.int16)
    ranks[:, :, -1] = np.where(there, np.arange(items.shape[1]), -1)
    scores = np.where(there, utility[items], -np.inf).astype(np.float32)
    return Ranked(items=items, scores=scores, ranks=ranks, candidates=allowed.sum(axis=1))


def _beside_ratings(
    model: Model,
    ratings: RatingModel,
    knowledge: Knowledge,
    utility: Utility,
    batch: CustomerBatch,
    allowed: Mask,
    wish: Wish,
) -> Ranked:
    width = max(int(allowed.sum(axis=1).max(initial=0)), 1)
    rated = rank_by_rating(ratings, batch, allowed, width)
    return _joined(model, rated, utility, _proposals(knowledge, utility, allowed, wish.k), wish)


def _beside_sources(
    model: Model,
    engine: Engine,
    knowledge: Knowledge,
    utility: Utility,
    encoded: Encoded,
    allowed: Mask,
    wish: Wish,
    timings: Timings,
) -> Ranked:
    candidates = retrieve(engine, encoded, allowed, wish)
    depth = depths_of(engine, wish).get(NAME, 0) if wish.sources else max(DEPTH, wish.k)
    proposed = _proposals(knowledge, utility, allowed, depth)
    candidates = filled(candidates, _unless_there(proposed, candidates.items))
    timings.lap("retrieve")
    scored = engine.rerank(encoded, candidates, seen_allowed=wish.seen_allowed, k=candidates.items.shape[1])
    ranked = _joined(model, scored, utility, proposed, wish)
    timings.lap("rerank")
    return ranked


def _proposals(knowledge: Knowledge, utility: Utility, allowed: Mask, depth: int) -> NDArray[np.int32]:
    """Return each customer's best allowed items by utility, int32 [B, depth], 0 where there are fewer."""
    proposed = np.zeros((len(allowed), depth), np.int32)
    for row, mask in enumerate(allowed):
        best = knowledge.best(utility, mask, depth)
        proposed[row, : len(best)] = best
    return proposed


def _unless_there(proposed: NDArray[np.int32], items: NDArray[np.int32]) -> NDArray[np.int32]:
    known = [np.isin(mine, others) for mine, others in zip(proposed, items, strict=True)]
    return np.where(np.stack(known), 0, proposed).astype(np.int32)


def _joined(model: Model, scored: Ranked, utility: Utility, proposed: NDArray[np.int32], wish: Wish) -> Ranked:
    """Reorder scored candidates by wishes and scores, and say which of them the wishes proposed."""
    places = np.stack([_places(items, mine) for items, mine in zip(scored.items, proposed, strict=True)])
    ranks = np.concatenate([scored.ranks, places[:, :, None].astype(np.int16)], axis=2)
    scores = blended(scored, utility, wish.wish_weight) if wish.wishes else scored.scores
    ranked = best_of(Candidates(items=scored.items, ranks=ranks), scores, wish.k)
    # A bundle that ranks by rating has no source's rank to give, and all of its items to choose from: the columns of
    # its sources are added to the list alone.
    missing = _source_count(model) + 1 - ranked.ranks.shape[2]
    nobody = np.full((*ranked.items.shape, missing), -1, np.int16)
    return replace(ranked, ranks=np.concatenate([nobody, ranked.ranks], axis=2))


def _source_count(model: Model) -> int:
    return len(model.engine.retriever.signals.sources) if model.engine else 0


def _places(items: NDArray[np.int32], proposed: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return at which rank each item was proposed, int [K], -1 where it was not."""
    order = np.argsort(proposed, kind="stable")
    if not len(order):
        return np.full(len(items), -1)
    place = order[np.minimum(np.searchsorted(proposed, items, sorter=order), len(order) - 1)]
    return np.where((proposed[place] == items) & (items > 0), place, -1)


def _reasons(model: Model, encoded: Encoded | None, utility: Utility, ranked: Ranked, wish: Wish) -> Reasons:
    """Explain lists; changes of the score are those of the scorer's, before the wishes had their share."""
    if encoded and model.engine:
        known = replace(ranked, ranks=ranked.ranks[..., :-1])
        reasons = explain(model.engine, encoded, known, seen_allowed=wish.seen_allowed)
    else:
        sources = model.engine.retriever.signals.sources if model.engine else ()
        reasons = Reasons.of_scores(sources, np.zeros((*ranked.items.shape, len(sources)), np.float32))
    return reasons.beside(NAME, utility[ranked.items])
