"""The engine as items come: every table that has a row for each item gets rows behind its last."""

from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.engine import Engine, Retriever
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.item_side.encoding import ItemSide
from shortlist_bundle.live.rows import GrowingColumns, GrowingRows
from shortlist_bundle.live.sources import LiveSources
from shortlist_bundle.sources.popularity import ItemCounts
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_bundle.towers.autoencoder import AutoencoderCustomers
from shortlist_bundle.towers.embedding import CustomerVectors, EmbeddingCustomers
from shortlist_bundle.towers.layers import Float

FRESH = 256
"""Items that are looked at one by one beside an index; of more a copy of the index is made that has them all."""


class LiveEngine:
    """Adds items to an engine that others go on reading as it was.

    Args:
        engine: of the bundle.
        side: what encodes items; without a tower they stand where nothing is known of an item.
        born: epoch seconds from when on an item that training has not seen counts as known.
    """

    def __init__(self, engine: Engine, side: ItemSide, *, born: float) -> None:
        self._engine = engine
        self._side = side
        self._born = born
        retriever, counts = engine.retriever, engine.retriever.counts
        self._tower_items, self._embedding_items = retriever.tower_items, retriever.embedding_items
        self._history = GrowingRows(retriever.tower.history_items)
        self._vectors = GrowingRows(retriever.tower_items.vectors)
        self._embedded = GrowingRows(retriever.embedding_items.vectors)
        self._embedded_history = GrowingRows(_history_of(retriever.embedding))
        self._halves = GrowingRows(engine.reranker.scorer.item_half)
        self._takings = GrowingColumns(counts.cumulative)
        self._repeats, self._first_seen = GrowingRows(counts.repeats), GrowingRows(counts.first_seen)
        self._levels = [GrowingRows(codes) for codes in retriever.level_codes]
        self._sources = LiveSources(retriever.counting)
        self._least = float(retriever.tower_items.vectors[1:, -1].min(initial=0))
        self._least_embedded = _least_embedded(retriever)

    @property
    def vectors(self) -> Float:
        """The two-tower's items so far, float32 [N + 1, D + 1]; they stay as they are."""
        return self._vectors.table

    def append(self, features: EncodedFeatures) -> None:
        """Add items behind the others by their encoded features."""
        count = len(features)
        vectors = self._encoded(features)
        self._vectors.append(vectors)
        self._history.append(vectors[:, : self._history.table.shape[1]])
        self._embedded.append(np.tile(self._least_embedded, (count, 1)))
        self._embedded_history.append(np.zeros((count, self._embedded_history.table.shape[1]), np.float32))
        self._halves.append(self._half(features, vectors))
        self._takings.append(np.zeros((len(self._takings.room), count), np.float32))
        self._repeats.append(np.zeros(count, np.float32))
        self._first_seen.append(np.full(count, self._born))
        for codes, level in zip(self._levels, self._engine.retriever.signals.levels, strict=True):
            codes.append(features.bags[level][:, 0] if level in features.bags else np.zeros(count, np.int32))
        self._sources.append(features, self._side.content)

    def count(self, items: NDArray[np.int32], strengths: NDArray[np.float32]) -> None:
        """Count takings that came after the log, as taken at its end; what is popular moves with them.

        Args:
            items: int32 [n], item rows.
            strengths: float32 [n], how much each counts.
        """
        self._takings.add(-1, items, strengths)
        self._sources.count(self._counts())

    def merge(self) -> bool:
        """Take the items that stand beside the indexes into copies of them, where they are many; return if any was."""
        before = self._tower_items.index, self._embedding_items.index
        self._tower_items = self._tower_items.grown(self._vectors.table).merged(beyond=FRESH)
        self._embedding_items = self._embedding_items.grown(self._embedded.table).merged(beyond=FRESH)
        own = self._tower_items.index is not before[0] or self._embedding_items.index is not before[1]
        return self._sources.merge(FRESH) or own

    def engine(self) -> Engine:
        """Return the engine with the items so far; it stays as it is."""
        retriever, counts = self._engine.retriever, self._counts()
        embedding_items = self._embedding_items.grown(self._embedded.table)
        reranker = self._engine.reranker
        scorer = copy(reranker.scorer)
        scorer.item_half = self._halves.table
        grown = replace(
            retriever,
            tower=replace(retriever.tower, history_items=self._history.table),
            tower_items=self._tower_items.grown(self._vectors.table),
            embedding=self._embedding(retriever.embedding, embedding_items),
            embedding_items=embedding_items,
            counting=self._sources.sources(counts),
            counts=counts,
            level_codes=tuple(codes.table for codes in self._levels),
        )
        return Engine(grown, replace(reranker, scorer=scorer), depths=self._engine.depths)

    def _counts(self) -> ItemCounts:
        return ItemCounts(
            edges=self._engine.retriever.counts.edges,
            cumulative=self._takings.room,
            repeats=self._repeats.table,
            first_seen=self._first_seen.table,
        )

    def _encoded(self, features: EncodedFeatures) -> Float:
        if self._side.tower is not None:
            return self._side.tower(features)
        vectors = np.zeros((len(features), self._vectors.table.shape[1]), np.float32)
        vectors[:, -1] = self._least
        return vectors

    def _half(self, features: EncodedFeatures, vectors: Float) -> Float:
        if self._side.scorer is not None:
            return self._side.scorer(features, vectors)
        # Nobody's half: what the scorer makes of an item of which nothing is known.
        return np.repeat(self._halves.table[:1], len(features), axis=0)

    def _embedding(self, embedding: CustomerVectors, items: ItemVectors) -> CustomerVectors:
        match embedding:
            case EmbeddingCustomers():
                return replace(embedding, items=items.vectors)
            case AutoencoderCustomers():
                return replace(embedding, history_items=self._embedded_history.table)
        raise TypeError(f"an embedding model of the type {type(embedding).__name__} cannot take in items")


def _history_of(embedding: CustomerVectors) -> Float:
    if isinstance(embedding, AutoencoderCustomers):
        return embedding.history_items
    return np.zeros((1, 0), np.float32)


def _least_embedded(retriever: Retriever) -> NDArray[np.float32]:
    """Return where an item stands in the embedding space that nobody has taken, float32 [W].

    It is near nothing. Where the last column is a bias, it is the least of all, or the item would stand above every
    item that people take less than others.
    """
    vectors = retriever.embedding_items.vectors
    nowhere = np.zeros(vectors.shape[1], np.float32)
    if isinstance(retriever.embedding, EmbeddingCustomers) and len(vectors) > 1:
        nowhere[-1] = vectors[1:, -1].min()
    return nowhere
