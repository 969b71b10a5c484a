"""Choose the index, ask the golden questions, and write the bundle."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from shortlist_bundle.engine import Engine
from shortlist_bundle.files import BundleContents, BundleRef, promote, write_bundle
from shortlist_bundle.golden import ask
from shortlist_bundle.model import Model
from shortlist_bundle.packing import pack_model
from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.sources.content import Content
from shortlist_bundle.sources.vectors import ItemVectors, Vectors, padded
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_training.config.run import IndexConfig, RunConfig
from shortlist_training.config.toml import config_to_json
from shortlist_training.dataset.dataset import Dataset

QUERIES = 500
DEPTH = 200
FEWEST_PROBES = 8
LEAST_GAIN = 0.001
"""Recall that twice the lists must bring to be worth visiting."""
LANES = 16
"""FAISS is several times as fast where the width is a multiple of what one instruction works on."""


def with_index(engine: Engine, dataset: Dataset, config: IndexConfig) -> tuple[Engine, dict[str, Any]]:
    """Return the engine with an approximate index over each space that is too large for exact search.

    Args:
        engine: fitted.
        dataset: its customers are the queries by which an index is chosen.
        config: of the index.

    Returns:
        The engine, and for each space what its index is called, how many lists it visits, and its measured recall.
    """
    retriever = engine.retriever
    content = retriever.counting.get(Content.name)
    if retriever.item_count <= config.exact_items:
        spaces = ("two_tower", "embedding", *([Content.name] if content else []))
        return engine, {space: {"index": "exact", "recall": 1.0} for space in spaces}
    active = np.flatnonzero(dataset.events.lengths).astype(np.int32)
    rows = active[np.linspace(0, len(active) - 1, min(QUERIES, len(active))).astype(np.int64)]
    history = dataset.events.take(rows)
    now = history.times[history.offsets[1:] - 1]
    batch = CustomerBatch(rows=rows, features=dataset.customer_features.take(rows), history=history, now=now)
    customers = retriever.tower(batch.rows, batch.features, batch.history)
    tower_items, of_tower = approximate(retriever.tower_items.vectors, customers, config)
    past = sum_up(history, now, retriever.signals.half_lives, things=history.items, width=retriever.item_count + 1)
    customers = retriever.embedding(batch, past)
    embedding_items, of_embedding = approximate(retriever.embedding_items.vectors, customers, config)
    figures, counting = {"two_tower": of_tower, "embedding": of_embedding}, dict(retriever.counting)
    if isinstance(content, Content):
        items, figures[Content.name] = approximate(content.items.vectors, content.profiles(past, len(batch)), config)
        counting[Content.name] = Content(items, mix=content.mix)
    indexed = replace(retriever, tower_items=tower_items, embedding_items=embedding_items, counting=counting)
    return Engine(indexed, engine.reranker, depths=engine.depths), figures


def approximate(vectors: Vectors, queries: Vectors, config: IndexConfig) -> tuple[ItemVectors, dict[str, Any]]:
    """Build an inverted-file index that visits as many lists as the recall asks for.

    Args:
        vectors: float32 [N + 1, D], row 0 is nobody.
        queries: float32 [Q, D], customers.
        config: says which share of the exact neighbours must be found.

    Returns:
        The items with their index, and what was measured: name, lists visited, recall.
    """
    count = len(vectors) - 1
    lists = min(int(4 * np.sqrt(count)), count)
    name = f"IVF{lists},SQ8"
    width = -(-vectors.shape[1] // LANES) * LANES
    items, queries = padded(vectors[1:], width), padded(queries, width)
    index = faiss.index_factory(width, name, faiss.METRIC_INNER_PRODUCT)
    index.train(items)
    index.add(items)
    serialised = faiss.serialize_index(index)
    exact = faiss.IndexFlatIP(width)
    exact.add(items)
    depth = min(DEPTH, count)
    right = exact.search(queries, depth)[1]
    probes, recall = 0, 0.0
    for wider in _doubling(FEWEST_PROBES, lists):
        index.nprobe = wider
        found = index.search(queries, depth)[1]
        now = float(np.mean([np.isin(a, b).mean() for a, b in zip(right, found, strict=True)]))
        if now - recall < LEAST_GAIN:
            # What is still missing is lost to the eight bits, and no further list would bring it back.
            break
        probes, recall = wider, now
        if recall >= config.recall:
            break
    figures = {"index": name, "probes": probes, "recall": round(recall, 4)}
    return ItemVectors(vectors, index=serialised, probes=probes), figures


def _doubling(first: int, last: int) -> Iterator[int]:
    while first < last:
        yield first
        first *= 2
    yield last


def publish(
    model: Model, config: RunConfig, bundles: Path, *, name: str, alias: str, report: Mapping[str, Any]
) -> BundleRef:
    """Write the bundle, and point the alias to it.

    Args:
        model: everything to publish.
        config: the run's, stored with it.
        bundles: folder of bundles.
        name: of the model.
        alias: to move to the new version.
        report: what does not determine answers: timings, the machine, figures of other fits.
    """
    parts = pack_model(model)
    golden = ask(model)
    contents = BundleContents(
        arrays={**parts.arrays, **golden.arrays},
        documents={**parts.documents, "config": config_to_json(config)},
        blobs=parts.blobs,
        report=dict(report),
    )
    ref = write_bundle(bundles, name, contents)
    promote(bundles, name, ref.version, alias=alias)
    return ref
