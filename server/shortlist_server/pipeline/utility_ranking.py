"""Lists for customers who state wishes: by utility alone, or by it and the order of everything else."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Depths, Encoded, Engine, Ranked, best_of
from shortlist_bundle.knowledge.utility import NAME, Knowledge
from shortlist_bundle.merge import Candidates, filled
from shortlist_bundle.model import Model
from shortlist_bundle.ratings import RatingModel
from shortlist_bundle.reasons.explain import Reasons, explain
from shortlist_bundle.reasons.moves import moves
from shortlist_bundle.reasons.rated import explain_ratings
from shortlist_bundle.sources.scoreboard import Items
from shortlist_bundle.sources.strategies import Effort
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.towers.layers import Float
from shortlist_server.pipeline.exploring import Drawing
from shortlist_server.pipeline.ranking import (
    Mask,
    Ranking,
    Timings,
    Wish,
    depths_of,
    drawn,
    efforts_of,
    every_item,
    rank_by_rating,
    varied,
)
from shortlist_server.pipeline.variety import POOL, BestForQuota, Variety

DEPTH = 100
"""Candidates that the wishes propose where the request gives the source no weight."""

Utility = NDArray[np.float32]


def needs_utility(wish: Wish) -> bool:
    """Return whether a group is ranked by utility: it has wishes, or names the knowledge source beside its musts."""
    return bool(wish.wishes) or any(share.source == NAME for share in wish.sources)


def rank_by_utility(
    model: Model,
    knowledge: Knowledge,
    batch: CustomerBatch,
    allowed: Mask,
    wish: Wish,
    timings: Timings,
    variety: Variety,
    drawing: Drawing | None = None,
) -> Ranking:
    """Return each customer's best `wish.k` allowed items by utility, and see `ranking.rank` for the rest.

    Returns:
        The lists, whose ranks have one column for each source of the bundle and a last one for the knowledge source;
        the reasons for them have the sources in the same order.
    """
    utility, encoded = knowledge.utility(wish.wishes), None
    efforts: Sequence[Effort | None] = every_item(allowed)
    if is_alone(wish):
        best = _alone(model, knowledge, utility, allowed, wish)
        timings.lap("retrieve")
    elif model.policy.ranks_by_rating and model.ratings:
        best = _beside_ratings(model, model.ratings, knowledge, utility, batch, allowed, wish, variety)
        timings.lap("rerank")
    elif model.engine:
        encoded = model.engine.retriever.encode(batch)
        timings.lap("encode")
        depths = depths_of(model.engine, wish)
        if asks_nobody(wish):
            depths = {**depths, NAME: max(DEPTH, wish.k, depths.get(NAME, 0))}
        best = _beside_sources(
            model, model.engine, knowledge, utility, encoded, allowed, wish, depths, timings, variety
        )
        efforts = efforts_of(encoded)
    else:
        raise ValueError("the bundle has neither an engine nor ratings")
    # Without wishes the knowledge source proposes, and the scorer orders.
    logits = encoded is not None and not wish.wishes
    listed = varied(best, batch, wish, timings, variety, logits=logits)
    explored = drawn(
        best, listed, wish, timings, variety, drawing, logits=logits, vectors=partial(_vectors, model, batch, encoded)
    )
    ranked = explored.ranked if explored else listed
    reasons = None
    if wish.explain:
        reasons = _reasons(model, batch, encoded, utility, ranked, wish)
        reasons = replace(reasons, moves=moves(best, ranked) if wish.moves else None)
        timings.lap("explain")
    return Ranking(ranked=ranked, reasons=reasons, efforts=efforts, explored=explored)


def is_alone(wish: Wish) -> bool:
    """Return whether the knowledge source is the only one that may propose."""
    proposing = {share.source for share in wish.sources if share.weight > 0 or share.quota}
    return proposing == {NAME} and any(share.weight > 0 for share in wish.sources)


def asks_nobody(wish: Wish) -> bool:
    """Return whether a group leaves it open who proposes: then the wishes propose beside the learnt depths."""
    off = any(share.source == NAME and not share.quota for share in wish.sources)
    return not off and not any(share.weight > 0 for share in wish.sources)


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


def _vectors(model: Model, batch: CustomerBatch, encoded: Encoded | None) -> Float:
    """Return the two-tower's vectors of the customers, whom ranking by utility alone has no need to encode."""
    if encoded is None and model.engine:
        encoded = model.engine.retriever.encode(batch)
    return encoded.vectors if encoded else np.zeros((len(batch), 0), np.float32)


def _alone(model: Model, knowledge: Knowledge, utility: Utility, allowed: Mask, wish: Wish) -> Ranked:
    # Caps and quotas may need any of the items, and the utility of all of them is there.
    most = POOL if not wish.diversity.ruled else int(allowed.sum(axis=1).max(initial=0))
    items = _proposals(knowledge, utility, allowed, max(most, wish.k) if wish.moves else wish.k)
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
    variety: Variety,
) -> Ranked:
    width = max(int(allowed.sum(axis=1).max(initial=0)), 1)
    rated = rank_by_rating(ratings, batch, allowed, width)
    proposed = _proposals(knowledge, utility, allowed, wish.k)
    return _joined(
        model, rated, utility, proposed, wish, variety.pool(wish.diversity, wish.k, width, more=wish.chooses)
    )


def _beside_sources(
    model: Model,
    engine: Engine,
    knowledge: Knowledge,
    utility: Utility,
    encoded: Encoded,
    allowed: Mask,
    wish: Wish,
    depths: Depths,
    timings: Timings,
    variety: Variety,
) -> Ranked:
    # The same candidates whatever the diversity: the scores are scaled over them, and a rule that every list keeps
    # must change neither scores nor lists.
    candidates = engine.retriever.retrieve(encoded, allowed, depths, at_least=wish.k)
    proposed = _proposals(knowledge, utility, allowed, depths.get(NAME, 0))
    candidates = filled(candidates, _unless_there(proposed, candidates.items))
    best: BestForQuota | None = None
    if wish.wish_weight > 0:
        best = partial(_best_of, knowledge, utility)
    candidates = variety.complete(engine, encoded, candidates, allowed, wish.diversity, best)
    timings.lap("retrieve")
    width = candidates.items.shape[1]
    scored = engine.rerank(encoded, candidates, seen_allowed=wish.seen_allowed, k=width)
    ranked = _joined(
        model, scored, utility, proposed, wish, variety.pool(wish.diversity, wish.k, width, more=wish.chooses)
    )
    timings.lap("rerank")
    return ranked


def _best_of(knowledge: Knowledge, utility: Utility, row: int, count: int, allowed: NDArray[np.bool_]) -> Items:
    """Return what meets the wishes best among some items; it is the same for every customer of the group."""
    return knowledge.best(utility, allowed, count)


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


def _joined(
    model: Model, scored: Ranked, utility: Utility, proposed: NDArray[np.int32], wish: Wish, pool: int
) -> Ranked:
    """Reorder scored candidates by wishes and scores, keep the best `pool`, and say which the wishes proposed."""
    places = np.stack([_places(items, mine) for items, mine in zip(scored.items, proposed, strict=True)])
    ranks = np.concatenate([scored.ranks, places[:, :, None].astype(np.int16)], axis=2)
    scores = blended(scored, utility, wish.wish_weight) if wish.wishes else scored.scores
    ranked = best_of(Candidates(items=scored.items, ranks=ranks), scores, pool)
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


def _reasons(
    model: Model, batch: CustomerBatch, encoded: Encoded | None, utility: Utility, ranked: Ranked, wish: Wish
) -> Reasons:
    """Explain lists; changes of the score are those of the scorer's or rating's, before the wishes had their share."""
    sources = model.engine.retriever.signals.sources if model.engine else ()
    if encoded and model.engine:
        known = replace(ranked, ranks=ranked.ranks[..., :-1])
        reasons = explain(model.engine, encoded, known, seen_allowed=wish.seen_allowed)
    elif model.ratings and not is_alone(wish):
        reasons = explain_ratings(model.ratings, batch, ranked.items, item_rows=len(model.items), sources=sources)
    else:
        reasons = Reasons.of_scores(sources, np.zeros((*ranked.items.shape, len(sources)), np.float32))
    return reasons.beside(NAME, utility[ranked.items])
