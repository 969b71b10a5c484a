"""Choose the index, ask the golden questions, and write the bundle."""

from collections.abc import Mapping
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
from shortlist_bundle.sources.vectors import ItemVectors, Vectors
from shortlist_training.config.run import IndexConfig, RunConfig
from shortlist_training.config.toml import config_to_json

QUERIES = 500
DEPTH = 200


def with_index(engine: Engine, config: IndexConfig) -> Engine:
    """Return the engine with an approximate index over each space that is too large for exact search."""
    retriever = engine.retriever
    if retriever.item_count <= config.exact_items:
        return engine
    return Engine(
        replace(
            retriever,
            tower_items=approximate(retriever.tower_items.vectors, config),
            embedding_items=approximate(retriever.embedding_items.vectors, config),
        ),
        engine.reranker,
        depths=engine.depths,
    )


def approximate(vectors: Vectors, config: IndexConfig) -> ItemVectors:
    """Build an inverted-file index and visit as many lists as the recall asks for.

    The recall is measured with items as queries; those lie among the items like customers do, and there are always
    enough of them.
    """
    count = len(vectors) - 1
    lists = int(4 * np.sqrt(count))
    index = faiss.index_factory(vectors.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[1:])
    index.add(vectors[1:])
    serialised = faiss.serialize_index(index)
    queries = vectors[1:][np.linspace(0, count - 1, min(QUERIES, count)).astype(np.int64)]
    exact = faiss.IndexFlatIP(vectors.shape[1])
    exact.add(vectors[1:])
    right = exact.search(queries, min(DEPTH, count))[1]
    probes = 8
    while probes < lists:
        index.nprobe = probes
        found = index.search(queries, min(DEPTH, count))[1]
        recall = np.mean([np.isin(a, b).mean() for a, b in zip(right, found, strict=True)])
        if recall >= config.recall:
            break
        probes *= 2
    return ItemVectors(vectors, index=serialised, probes=min(probes, lists))


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
