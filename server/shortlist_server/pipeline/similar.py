"""Items near an item, in one of the bundle's spaces."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Retriever
from shortlist_bundle.model import Model
from shortlist_bundle.sources.content import Content
from shortlist_bundle.sources.item_cf import ItemCf
from shortlist_bundle.sources.scoreboard import Mask
from shortlist_bundle.sources.strategies import Effort, Strategy
from shortlist_bundle.sources.top import top
from shortlist_bundle.towers.layers import unit
from shortlist_server.errors import FeatureOff, InvalidRequest
from shortlist_server.pipeline.allowing import to_be_had
from shortlist_server.pipeline.filtering import report
from shortlist_server.pipeline.reply import SHORT_LIST, SimilarItems
from shortlist_server.pipeline.request import SimilarItemsRequest
from shortlist_server.pipeline.scoring import item_rows

TWO_TOWER, EMBEDDING, CONTENT, CO_OCCURRENCE = "two_tower", "embedding", "content", "co_occurrence"
FILLED_FROM_TOWER = f"filled:{TWO_TOWER}"
"""The space has fewer than were asked for; the last items are the nearest of that other one."""


def spaces_of(model: Model) -> tuple[str, ...]:
    """Return the item spaces of a bundle: one without item features has no content space."""
    if model.engine is None:
        return ()
    counted = {CONTENT: Content.name, CO_OCCURRENCE: ItemCf.name}
    counting = model.engine.retriever.counting
    return (TWO_TOWER, EMBEDDING, *(space for space, source in counted.items() if source in counting))


def similar_items(model: Model, request: SimilarItemsRequest, now: float) -> SimilarItems:
    """See `PipelineProtocol.similar_items`; items that cannot be had at `now`, epoch seconds, are left out."""
    if model.engine is None:
        raise FeatureOff("similar_items", "needs a bundle with item vectors; this one only predicts ratings")
    space, spaces = request.space or TWO_TOWER, spaces_of(model)
    if space not in spaces:
        raise InvalidRequest.at("space", f"the bundle has no space {space!r}; it has {', '.join(spaces)}")
    seed = int(item_rows(model, [request.item_id])[0])
    allowed = to_be_had(model, request.filter, now)
    allowed[model.items.rows(request.exclude_items)] = False
    allowed[[0, seed]] = False
    retriever = model.engine.retriever
    found, values, effort = _nearest(retriever, space, seed, allowed, request.k)
    fallbacks: tuple[str, ...] = ()
    if space == CO_OCCURRENCE and len(found) < request.k:
        found, values, fallbacks = _filled(retriever, seed, allowed, request.k, found, values)
    return SimilarItems(
        item_ids=model.items.ids(found),
        scores=values.tolist(),
        space=space,
        filter_report=report(model, request.filter, effort),
        fallbacks=fallbacks if len(found) == request.k else (*fallbacks, SHORT_LIST),
    )


def _filled(
    retriever: Retriever, seed: int, allowed: Mask, k: int, found: NDArray[np.integer], values: NDArray[np.float32]
) -> tuple[NDArray[np.integer], NDArray[np.float32], tuple[str, ...]]:
    """Return what was taken together with the seed, and behind it, up to k, what is nearest in the next best space.

    Whose similarity is 0: nobody has taken the two together.
    """
    rest = allowed.copy()
    rest[found] = False
    more, _, _ = _nearest(retriever, TWO_TOWER, seed, rest, k - len(found))
    both = np.concatenate([found, more]), np.concatenate([values, np.zeros(len(more), np.float32)])
    return *both, (FILLED_FROM_TOWER,) if len(more) else ()


def _nearest(
    retriever: Retriever, space: str, seed: int, allowed: Mask, k: int
) -> tuple[NDArray[np.integer], NDArray[np.float32], Effort]:
    """Return the k allowed item rows nearest to the seed, their similarity, and what finding them took.

    The similarity is a cosine in a space of vectors.
    """
    source = retriever.counting.get(ItemCf.name if space == CO_OCCURRENCE else Content.name)
    if space == CO_OCCURRENCE and isinstance(source, ItemCf):
        rows, scores = source.similar(seed)
        keep = allowed[rows]
        effort = Effort(Strategy.EXACT, len(rows), int(np.count_nonzero(keep)))
        return *top(rows[keep], scores[keep], k), effort
    if space == CONTENT and isinstance(source, Content):
        near = source.nearest(seed, k, allowed)
        return near.items, near.scores, near.effort
    items = retriever.tower_items if space == TWO_TOWER else retriever.embedding_items
    every = np.flatnonzero(allowed)
    # Without the last column: an item's popularity does not make it more similar.
    vectors = unit(items.vectors[every, :-1])
    effort = Effort(Strategy.GATHERED, len(every), len(every))
    return *top(every, vectors @ unit(items.vectors[seed, :-1]), k), effort
