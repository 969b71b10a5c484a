"""A search of a live request made again, exactly: how much of what there is did the index find?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.model import Model
from shortlist_bundle.search_depth import searched_spaces
from shortlist_bundle.sources.vectors import ItemVectors, VectorScores, allowed_of
from shortlist_server.pipeline.allowing import allowed, seen_allowed
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.ranking import Wish, depths_of
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.pipeline.resolve import customer_batch, resolve
from shortlist_server.pipeline.shares import shares_of

BUCKETS: Sequence[tuple[str, float]] = (("90-100%", 0.9), ("25-90%", 0.25), ("5-25%", 0.05), ("0-5%", 0.0))
"""Shares of the items that are allowed, and where each begins: how an index is searched depends on it."""
_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Searched:
    """What one search found of what there is, in one space.

    Attributes:
        space: name of the source.
        bucket: name of the share of the items that was allowed.
        wanted: how many items the exact search finds.
        found: how many as good ones the index found.
    """

    space: str
    bucket: str
    wanted: int
    found: int


def search_again(pipeline: Pipeline, request: RecommendRequest) -> list[Searched]:
    """Repeat the searches of a request as they are made for lists now, and beside each an exact one.

    Requests with musts are left out, and so are bundles without an index.

    Raises:
        PipelineError: The request cannot be answered any more.
    """
    model = pipeline.searched
    if model.engine is None or request.needs is not None or not searched_spaces(model.engine.retriever):
        return []
    resolved = resolve(model, request, pipeline.clock)
    batch = customer_batch(model, [resolved])
    mask, _ = allowed(model, request, batch.history.items_of(0), resolved.as_of)
    encoded = model.engine.retriever.encode(batch)
    depths = _depths(model, request)
    found = []
    for name, items in searched_spaces(model.engine.retriever).items():
        board = encoded.boards[name]
        if depths.get(name, 0) and isinstance(board, VectorScores) and board.customers[0].any():
            found.append(_searched(name, items, board.customers[0], depths[name], mask))
    return [one for one in found if one.wanted]


def bucket_of(share: float) -> str:
    """Return the name of a share of the items, in [0, 1]."""
    return next(name for name, least in BUCKETS if share >= least)


def _depths(model: Model, request: RecommendRequest) -> Mapping[str, int]:
    if model.engine is None:
        return {}
    seen = seen_allowed(model, request.seen)
    return depths_of(model.engine, Wish(seen_allowed=seen, sources=shares_of(model.policy, request), k=request.k))


def _searched(
    name: str, items: ItemVectors, query: NDArray[np.float32], depth: int, mask: NDArray[np.bool_]
) -> Searched:
    _, scores = items.scoreboard(query[None]).best(depth, mask[None])
    exact = items.exact(query, min(depth, len(items.vectors) - 1), mask).scores
    # By score and not by item: of equals either is as good.
    least = float(exact[-1]) if len(exact) else np.inf
    found = int(np.count_nonzero(scores[0] >= least - _ROUNDING * max(abs(least), 1.0)))
    share = allowed_of(mask) / max(len(mask) - 1, 1)
    return Searched(name, bucket_of(share), len(exact), min(found, len(exact)))
