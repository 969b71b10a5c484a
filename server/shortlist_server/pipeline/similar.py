"""Items near an item, in one of the bundle's spaces."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.model import Model
from shortlist_bundle.sources.item_cf import ItemCf
from shortlist_bundle.sources.top import top
from shortlist_bundle.towers.layers import unit
from shortlist_server.errors import FeatureOff, InvalidRequest
from shortlist_server.pipeline.allowing import matching
from shortlist_server.pipeline.reply import SimilarItems
from shortlist_server.pipeline.request import SimilarItemsRequest
from shortlist_server.pipeline.scoring import item_rows

CO_OCCURRENCE = "co_occurrence"
SPACES = ("two_tower", "embedding", CO_OCCURRENCE)


def similar_items(model: Model, request: SimilarItemsRequest, now: float) -> SimilarItems:
    """See `PipelineProtocol.similar_items`; items that cannot be had at `now`, epoch seconds, are left out."""
    if model.engine is None:
        raise FeatureOff("similar_items", "needs a bundle with item vectors; this one only predicts ratings")
    space = request.space or SPACES[0]
    if space not in SPACES:
        raise InvalidRequest.at("space", f"the bundle has no space {space!r}; it has {', '.join(SPACES)}")
    seed = int(item_rows(model, [request.item_id])[0])
    allowed = matching(model, request.filters)
    available = model.catalogue.available(now)
    if available is not None:
        allowed &= available
    allowed[model.items.rows(request.exclude_items)] = False
    allowed[[0, seed]] = False
    rows, scores = _nearest(model, space, seed)
    keep = allowed[rows]
    found, values = top(rows[keep], scores[keep], request.k)
    return SimilarItems(item_ids=model.items.ids(found), scores=values.tolist(), space=space)


def _nearest(model: Model, space: str, seed: int) -> tuple[NDArray[np.integer], NDArray[np.float32]]:
    """Return item rows and their similarity to the seed: cosine in a space of vectors."""
    assert model.engine is not None  # noqa: S101 - the caller has checked
    retriever = model.engine.retriever
    if space == CO_OCCURRENCE:
        item_cf = retriever.counting["item_cf"]
        assert isinstance(item_cf, ItemCf)  # noqa: S101 - a bundle says so
        return item_cf.similar(seed)
    items = retriever.tower_items if space == "two_tower" else retriever.embedding_items
    # Without the last column: an item's popularity does not make it more similar.
    vectors = unit(items.vectors[:, :-1])
    return np.arange(len(vectors)), vectors @ vectors[seed]
