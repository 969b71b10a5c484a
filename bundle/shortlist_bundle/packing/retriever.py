"""The retriever <-> arrays."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from shortlist_bundle.engine import Retriever
from shortlist_bundle.packing.parts import Parts, Reader, numbered
from shortlist_bundle.packing.scorers import pack_tables, unpack_sum
from shortlist_bundle.packing.sources import pack_sources, unpack_sources
from shortlist_bundle.packing.vectors import pack_items, unpack_items
from shortlist_bundle.signals.pair import SignalSpec
from shortlist_bundle.sources.popularity import ItemCounts
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_bundle.towers.autoencoder import AutoencoderCustomers
from shortlist_bundle.towers.customer_tower import CustomerTower
from shortlist_bundle.towers.embedding import CustomerVectors, EmbeddingCustomers

NEVER_DECAYS = 0.0
"""JSON has no infinity; no real half-life is zero."""


def pack_retriever(parts: Parts, retriever: Retriever) -> dict[str, Any]:
    """Add the retriever's arrays and return its document."""
    tower = retriever.tower
    parts.add(
        "two-tower", history_items=tower.history_items, position_weights=tower.position_weights, mixes=tower.mixes,
        customer_ids=tower.customer_ids,
    )  # fmt: skip
    pack_tables(parts, "two-tower/features", tower.features)
    if tower.context is not None:
        pack_tables(parts, "two-tower/context", tower.context)
    counts = retriever.counts
    parts.add(
        "counts", edges=counts.edges, cumulative=counts.cumulative, repeats=counts.repeats,
        first_seen=counts.first_seen,
    )  # fmt: skip
    parts.add("levels", **{f"codes-{n}": codes for n, codes in enumerate(retriever.level_codes)})
    signals = asdict(retriever.signals)
    signals["half_lives"] = [NEVER_DECAYS if np.isinf(life) else life for life in retriever.signals.half_lives]
    return {
        "inverse_temperature": tower.inverse_temperature,
        "counting": pack_sources(parts, retriever.counting),
        "signals": {name: list(value) if isinstance(value, tuple) else value for name, value in signals.items()},
        "two_tower_index": pack_items(parts, "two-tower", retriever.tower_items),
        "embedding": _pack_embedding(parts, retriever.embedding),
        "embedding_index": pack_items(parts, "embedding", retriever.embedding_items),
    }


def unpack_retriever(
    reader: Reader, document: Any, customer_bags: Sequence[str], context_bags: Sequence[str] | None
) -> Retriever:
    """Return the retriever; the bags are the encoders' in order, None for a bundle that reads no context."""
    embedding_items = unpack_items(reader, "embedding", document["embedding_index"])
    counts = ItemCounts(
        edges=reader.array("counts/edges"),
        cumulative=reader.array("counts/cumulative"),
        repeats=reader.array("counts/repeats"),
        first_seen=reader.array("counts/first-seen"),
    )
    return Retriever(
        tower=CustomerTower(
            history_items=reader.array("two-tower/history-items"),
            position_weights=reader.array("two-tower/position-weights"),
            mixes=reader.array("two-tower/mixes"),
            customer_ids=reader.array("two-tower/customer-ids"),
            features=unpack_sum(reader, "two-tower/features", customer_bags),
            context=None if context_bags is None else unpack_sum(reader, "two-tower/context", context_bags),
            inverse_temperature=document["inverse_temperature"],
        ),
        tower_items=unpack_items(reader, "two-tower", document["two_tower_index"]),
        embedding=_unpack_embedding(reader, document["embedding"], embedding_items),
        embedding_items=embedding_items,
        counting=unpack_sources(reader, document["counting"], counts),
        counts=counts,
        signals=_signals(document["signals"]),
        level_codes=tuple(numbered(reader.arrays("levels"), "codes")) if document["signals"]["levels"] else (),
    )


def _signals(document: Any) -> SignalSpec:
    return SignalSpec(
        half_lives=tuple(np.inf if life == NEVER_DECAYS else life for life in document["half_lives"]),
        sources=tuple(document["sources"]),
        levels=tuple(document["levels"]),
        lately=tuple(document["lately"]),
        unit=document["unit"],
    )


def _pack_embedding(parts: Parts, embedding: CustomerVectors) -> dict[str, Any]:
    match embedding:
        case EmbeddingCustomers():
            parts.add("embedding", customers=embedding.customers, fold=embedding.fold)
            return {"kind": "table"}
        case AutoencoderCustomers():
            parts.add("embedding", history_items=embedding.history_items)
            settings = {name: getattr(embedding, name) for name in ("norm", "length", "fade", "by_moment")}
            return {"kind": "autoencoder", **settings}
    raise TypeError(f"no packing for an embedding model of the type {type(embedding).__name__}")


def _unpack_embedding(reader: Reader, document: Any, items: ItemVectors) -> CustomerVectors:
    match document["kind"]:
        case "table":
            return EmbeddingCustomers(
                customers=reader.array("embedding/customers"), items=items.vectors, fold=reader.array("embedding/fold")
            )
        case "autoencoder":
            settings = {name: document[name] for name in ("norm", "length", "fade", "by_moment")}
            return AutoencoderCustomers(history_items=reader.array("embedding/history-items"), **settings)
    raise ValueError(f"an embedding model of the unknown kind {document['kind']!r}")
