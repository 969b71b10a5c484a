"""The scorer's logit of any item that is asked for, whether a source proposes it or not."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Encoded, Engine
from shortlist_bundle.merge import Candidates, filled
from shortlist_bundle.sources.scoreboard import Items
from shortlist_bundle.towers.layers import Float

Mask = NDArray[np.bool_]


def shortlist(engine: Engine, encoded: Encoded, *, seen_allowed: bool) -> Candidates:
    """Return the customers' own shortlists out of the whole catalogue, with seen items or without."""
    allowed = np.ones((len(encoded.batch), encoded.past.width), np.bool_) if seen_allowed else ~encoded.seen()
    allowed[:, 0] = False
    return engine.retrieve(encoded, allowed, seen_allowed=seen_allowed, at_least=1)


def asked_logits(
    engine: Engine, encoded: Encoded, candidates: Candidates, items: Items, *, seen_allowed: bool
) -> tuple[Float, Mask]:
    """Return the logits of given items, float32 [B, K], and which of them are in the shortlist, bool [B, K].

    The shortlist comes first, as for a list, because the scorer reads which sources propose an item, and how high. An
    item's logit does not depend on what else is asked.

    Args:
        engine: retriever and scorer.
        encoded: B customers.
        candidates: their shortlists.
        items: int32 [B, K], in any order, also twice; the logit of item 0 has no meaning.
        seen_allowed: whether the shortlists may hold seen items.
    """
    missing = [np.setdiff1d(own, there) for own, there in zip(items, candidates.items, strict=True)]
    extra = np.zeros((len(items), max(map(len, missing), default=0)), np.int32)
    for row, rest in enumerate(missing):
        extra[row, : len(rest)] = rest
    every = filled(candidates, extra)
    signals = engine.retriever.pair_signals(encoded, every, np.full(len(items), seen_allowed))
    logits = engine.reranker(encoded.batch, encoded.vectors, every.items, signals)
    places = np.stack([_places(own, there) for own, there in zip(items, every.items, strict=True)])
    proposed = (places < candidates.items.shape[1]) & (items > 0)
    return np.take_along_axis(logits, places, axis=1), proposed


def _places(items: Items, among: Items) -> NDArray[np.int64]:
    """Return where each item stands, int64 [K]; somewhere for an item that is not there."""
    order = np.argsort(among, kind="stable")
    found = np.minimum(np.searchsorted(among[order], items), len(order) - 1)
    return order[found]
