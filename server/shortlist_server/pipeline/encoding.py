"""Customers and items as vectors, for callers with an index of their own."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Engine
from shortlist_bundle.model import Model
from shortlist_server.errors import FeatureOff
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.reply import CustomerVectors
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.pipeline.resolve import check_features, customer_batch, resolve
from shortlist_server.pipeline.scoring import item_rows


def encode_customers(model: Model, requests: Sequence[RecommendRequest], clock: ClockPolicy) -> CustomerVectors:
    """Return the two-tower's customer vectors, [B, D + 1]; their inner products with items' vectors are logits.

    Args:
        model: the bundle.
        requests: at least one, all of the same moment.
        clock: what 'now' is for requests that do not say.
    """
    engine = _engine(model)
    for request in requests:
        check_features(model.customer_encoder, request.profile)
    resolved = [resolve(model, request, clock) for request in requests]
    batch = customer_batch(model, resolved)
    return CustomerVectors(
        vectors=engine.retriever.tower(batch.rows, batch.features, batch.history, batch.context),
        known=[one.known for one in resolved],
        as_of=resolved[0].as_of,
        clock=resolved[0].clock,
    )


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
