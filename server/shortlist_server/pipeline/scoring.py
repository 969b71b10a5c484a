"""What would this customer make of these items: a predicted rating, or the probability of a taking."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Engine
from shortlist_bundle.merge import filled
from shortlist_bundle.model import Model
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_server.errors import UnknownItem
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.reply import ScoreKind, Scores
from shortlist_server.pipeline.request import ScoreRequest
from shortlist_server.pipeline.resolve import check_features, customer_batch, resolve


def score(model: Model, request: ScoreRequest, clock: ClockPolicy) -> Scores:
    """See `PipelineProtocol.score`."""
    rows = item_rows(model, list(request.items))
    if request.profile.features:
        check_features(model.customer_encoder, request.profile)
    resolved = resolve(model, request, clock)
    batch = customer_batch(model, [resolved])
    if model.ratings:
        scores, kind = model.ratings.predict(batch, rows[None, :])[0], ScoreKind.RATING
    elif model.engine:
        scores, kind = probabilities(model.engine, model.policy.seen_allowed, batch, rows), ScoreKind.PROBABILITY
    else:
        raise ValueError("the bundle has neither an engine nor ratings")
    return Scores(
        item_ids=request.items,
        scores=scores.tolist(),
        kind=kind,
        as_of=resolved.as_of,
        clock=resolved.clock,
        known_customer=resolved.known,
        fallbacks=resolved.fallbacks,
    )


def probabilities(
    engine: Engine, seen_allowed: bool, batch: CustomerBatch, rows: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Return the scorer's probability of each item, float32 [K], for a batch of one.

    The customer's own shortlist is drawn up first, because the scorer reads which sources propose an item, and how
    high.
    """
    encoded = engine.retriever.encode(batch)
    allowed = np.ones((1, engine.retriever.item_count + 1), np.bool_)
    allowed[:, 0] = False
    candidates = engine.retriever.retrieve(encoded, allowed, engine.depths[seen_allowed], at_least=1)
    missing = np.setdiff1d(rows, candidates.items[0]).astype(np.int32)
    candidates = filled(candidates, missing[None, :])
    ranked = engine.rerank(encoded, candidates, seen_allowed=seen_allowed, k=candidates.items.shape[1])
    position = {int(item): n for n, item in enumerate(ranked.items[0])}
    logits = ranked.scores[0][[position[int(row)] for row in rows]].astype(np.float64)
    return (1.0 / (1.0 + np.exp(-logits))).astype(np.float32)


def item_rows(model: Model, item_ids: list[str]) -> NDArray[np.int32]:
    """Return the rows of items that must all be known.

    Raises:
        UnknownItem: Names the first that is not.
    """
    rows = model.items.rows(item_ids)
    for item_id, row in zip(item_ids, rows, strict=True):
        if not row:
            raise UnknownItem(item_id)
    return rows
