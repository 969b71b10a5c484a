"""Assemble the retriever from fitted models and counts."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Retriever
from shortlist_bundle.signals.pair import SignalSpec
from shortlist_bundle.sources.content import Content
from shortlist_bundle.sources.own_past import OwnPast
from shortlist_bundle.sources.popularity import ItemCounts, Popularity
from shortlist_bundle.sources.segment_popularity import SegmentPopularity
from shortlist_bundle.sources.source import Source
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_bundle.towers.embedding import EmbeddingSpace
from shortlist_bundle.towers.layers import Float
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.retrieval.counting import count_items, find_neighbours, half_lives
from shortlist_training.retrieval.levels import choose_levels, level_codes
from shortlist_training.retrieval.segments import find_segments, has_segments
from shortlist_training.retrieval.takers import find_takers

NEEDS_TIMES = ("sequence",)
NEEDS_FEATURES = ("content",)
NEEDS_SEGMENTS = (SegmentPopularity.name,)
LATELY = (2, 8)
"""Buckets that count as recent for an item's trend: half a window and two windows."""


def signal_spec(dataset: Dataset, config: RunConfig) -> SignalSpec:
    """Choose how the scorer's signals are computed on this log."""
    start, end = dataset.span()
    return SignalSpec(
        half_lives=half_lives(dataset),
        sources=source_names(dataset, config),
        levels=choose_levels(dataset)[0],
        lately=LATELY if dataset.has_times else (),
        unit=max((end - start) / 2000.0, 1.0),
    )


def source_names(dataset: Dataset, config: RunConfig) -> tuple[str, ...]:
    """Return the sources that make sense on this log.

    Without times nothing comes soon after anything, items without features are near nothing, and customers without
    features have no segments.
    """
    described = bool(dataset.item_encoder.spec.columns)
    missing = (
        *(() if dataset.has_times else NEEDS_TIMES),
        *(() if described else NEEDS_FEATURES),
        *(() if has_segments(dataset) else NEEDS_SEGMENTS),
    )
    return tuple(name for name in config.sources.names if name not in missing)


def build_retriever(
    dataset: Dataset,
    config: RunConfig,
    *,
    limits: NDArray[np.int64],
    tower: TwoTower,
    embedding: EmbeddingSpace,
    fits: Mapping[str, Source],
    content: Float | None = None,
    spec: SignalSpec | None = None,
) -> Retriever:
    """Return the retriever of models that were fitted below `limits`, with untuned counting sources.

    Args:
        dataset: the log.
        config: of the run.
        limits: int64 [M + 1], events of each customer that may be seen.
        tower: the two-tower.
        embedding: the embedding model.
        fits: the sources whose fit has a setting of its own, fitted.
        content: float32 [N + 1, D], where the items stand by their features; None where they have none.
        spec: how the signals are computed; None to choose it for this log.
    """
    spec = spec or signal_spec(dataset, config)
    counts = count_items(dataset, limits)
    even = tuple(1.0 / len(spec.half_lives) for _ in spec.half_lives)
    return Retriever(
        tower=tower.export_customers(),
        tower_items=ItemVectors(tower.item_vectors()),
        embedding=embedding.customers,
        embedding_items=ItemVectors(embedding.items),
        counting={
            "own_past": OwnPast(mix=even),
            "item_cf": find_neighbours(dataset, limits, config.sources, mix=even),
            "user_cf": find_takers(dataset, limits),
            "popularity": Popularity(counts, buckets=LATELY[-1]),
            **_segments(dataset, limits, counts),
            **({} if content is None else {"content": Content(ItemVectors(content), mix=even)}),
            **fits,
        },
        counts=counts,
        signals=spec,
        level_codes=level_codes(dataset, spec.levels),
    )


def _segments(dataset: Dataset, limits: NDArray[np.int64], counts: ItemCounts) -> dict[str, Source]:
    return {SegmentPopularity.name: find_segments(dataset, limits, counts)} if has_segments(dataset) else {}


def with_counts(retriever: Retriever, dataset: Dataset, limits: NDArray[np.int64]) -> Retriever:
    """Return the retriever with item counts up to `limits`: counts move on between fits, models do not."""
    counts = count_items(dataset, limits)
    moved = {name: _moved_on(source, counts) for name, source in retriever.counting.items()}
    return replace(retriever, counting=moved, counts=counts)


def _moved_on(source: Source, counts: ItemCounts) -> Source:
    match source:
        case Popularity():
            return Popularity(counts, buckets=source.buckets)
        case SegmentPopularity():
            return source.tuned(buckets=source.buckets, trust=source.trust, counts=counts)
    return source
