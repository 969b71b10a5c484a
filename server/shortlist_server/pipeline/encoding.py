"""Customers and items as vectors, for callers with an index of their own."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Engine
from shortlist_bundle.model import Model
from shortlist_server.errors import FeatureOff
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.pipeline.resolve import check_features, customer_batch, resolve
from shortlist_server.pipeline.scoring import item_rows


def encode_customers(model: Model, requests: Sequence[RecommendRequest], clock: ClockPolicy) -> NDArray[np.float32]:
    """Return the two-tower's customer vectors, float32 [B, D + 1]; inner products with items' vectors are logits."""
    engine = _engine(model)
    for request in requests:
        check_features(model.customer_encoder, request.profile)
    batch = customer_batch(model, [resolve(model, request, clock) for request in requests])
    return engine.retriever.tower(batch.rows, batch.features, batch.history, batch.context)


def encode_items(model: Model, item_ids: Sequence[str]) -> NDArray[np.float32]:
    """Return the two-tower's item vectors, float32 [B, D + 1], the bias last.

    Raises:
        UnknownItem: The catalogue does not have one of the items.
    """
    return _engine(model).retriever.tower_items.vectors[item_rows(model, list(item_ids))]


def _engine(model: Model) -> Engine:
    if model.engine is None:
        raise FeatureOff("encode", "needs a bundle with towers; this one only predicts ratings")
    return model.engine
