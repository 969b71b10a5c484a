"""Encode every customer as they stood at the end of the log, once, so that no server has to."""

from dataclasses import replace
from typing import Any

import faiss
import numpy as np

from shortlist_bundle.customer_space import CustomerSpace
from shortlist_bundle.engine import Engine
from shortlist_bundle.model import Model
from shortlist_bundle.towers.layers import Float, unit
from shortlist_training.config.run import IndexConfig
from shortlist_training.stages.indexing import QUERIES, RARELY_ASKED, choose, neighbours_found

CHUNK = 4096


def with_customer_space(model: Model, config: IndexConfig) -> tuple[Model, dict[str, Any]]:
    """Return the model with its customers' space, exact up to ten times as many customers as items may be.

    Args:
        model: with an engine; one without is returned as it is.
        config: says from which size on there is an index, and which share of the exact neighbours it must find.

    Returns:
        The model, and what its index is called and finds.
    """
    if model.engine is None:
        return model, {}
    vectors = _directions(model, model.engine)
    half = vectors.astype(np.float16)
    known = np.flatnonzero(vectors.any(axis=1))
    queries = vectors[known[np.linspace(0, len(known) - 1, min(QUERIES, len(known))).astype(np.int64)]]
    rarely = replace(config, exact_items=RARELY_ASKED * config.exact_items)
    indexed, figures = choose(vectors, neighbours_found(vectors, queries), rarely)
    if not indexed.approximate:
        return replace(model, customer_space=CustomerSpace(half)), figures
    index = faiss.serialize_index(indexed.index)
    space = CustomerSpace(half, index=index, probes=indexed.probes, spare=indexed.spare)
    return replace(model, customer_space=space), figures


def _directions(model: Model, engine: Engine) -> Float:
    """Return the customers' directions, float32 [M + 1, D]; the last column of a vector is the items' bias."""
    context, snapshot = model.context_encoder, model.snapshot
    parts = []
    for start in range(0, len(model.customers), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(model.customers)), dtype=np.int32)
        said = context.empty(len(rows)) if context else None
        parts.append(engine.retriever.tower(rows, snapshot.features(rows), snapshot.histories(rows), said)[:, :-1])
    directions = unit(np.concatenate(parts))
    directions[0] = 0
    return directions
