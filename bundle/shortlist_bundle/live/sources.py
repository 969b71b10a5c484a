"""The counting sources as items come: each gets rows for them, and those that look at features find them."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.item_side.content import ContentAxes
from shortlist_bundle.live.rows import GrowingColumns, GrowingRows
from shortlist_bundle.sources.alike import Takers
from shortlist_bundle.sources.content import Content
from shortlist_bundle.sources.item_cf import ItemCf
from shortlist_bundle.sources.newest import Newest
from shortlist_bundle.sources.popularity import ItemCounts, Popularity
from shortlist_bundle.sources.segment_popularity import SegmentPopularity
from shortlist_bundle.sources.source import Source
from shortlist_bundle.sources.user_cf import UserCf
from shortlist_bundle.towers.layers import Float


class LiveSources:
    """Adds items to sources that others go on reading as they were.

    A source that knows items by who took them has nothing to say of a new one until the next training; the content
    space knows it by its features at once.

    Args:
        sources: of the bundle, by name.
    """

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = dict(sources)
        self._borders = {
            name: GrowingRows(source.indptr) for name, source in sources.items() if isinstance(source, ItemCf | Newest)
        }
        self._rarity, self._taken = dict[str, GrowingRows](), dict[str, GrowingRows]()
        self._places = dict[str, GrowingRows]()
        self._content: Content | None = None
        self._vectors = GrowingRows(np.zeros((1, 0), np.float32))
        self._columns: GrowingColumns | None = None
        for name, source in sources.items():
            match source:
                case UserCf():
                    self._rarity[name] = GrowingRows(source.takers.rarity)
                    self._taken[name] = GrowingRows(source.takers.index[0])
                case SegmentPopularity():
                    self._places[name] = GrowingRows(source.places)
                case Content():
                    self._content, self._vectors = source, GrowingRows(source.items.vectors)
                    self._columns = None if source.columns is None else GrowingColumns(source.columns)

    def append(self, features: EncodedFeatures, axes: ContentAxes | None) -> None:
        """Add items behind the others."""
        count = len(features)
        for borders in (*self._borders.values(), *self._taken.values()):
            borders.append(np.repeat(borders.table[-1:], count))
        for rarity in self._rarity.values():
            # What fewest people have says most.
            rarity.append(np.repeat(rarity.table[1:].max(initial=1, keepdims=True), count))
        for places in self._places.values():
            places.append(np.full(count, -1, np.int32))
        if self._content is not None:
            vectors = self._placed(features, axes)
            self._vectors.append(vectors)
            if self._columns is not None:
                self._columns.append(vectors.T)

    def merge(self, beyond: int) -> bool:
        """Take items beside the content index into a copy of it, where they are more than so many; return if it was."""
        if self._content is None:
            return False
        items = self._content.items.grown(self._vectors.table)
        merged = items.merged(beyond=beyond)
        if merged.index is items.index:
            return False
        self._content = Content(merged, mix=self._content.mix)
        return True

    def count(self, counts: ItemCounts) -> None:
        """Let what is popular move with the counts."""
        for name, source in self._sources.items():
            if isinstance(source, Popularity):
                self._sources[name] = moved = Popularity(counts, buckets=source.buckets)
                # Worked out here, and not by whoever asks first.
                moved.settle()
            elif isinstance(source, SegmentPopularity):
                self._sources[name] = source.moved(counts)

    def sources(self, counts: ItemCounts) -> dict[str, Source]:
        """Return the sources with the items so far; they stay as they are."""
        return {name: self._grown(name, source, counts) for name, source in self._sources.items()}

    def _grown(self, name: str, source: Source, counts: ItemCounts) -> Source:
        match source:
            case ItemCf():
                return ItemCf(
                    indptr=self._borders[name].table, neighbours=source.neighbours, weights=source.weights,
                    mix=source.mix,
                )  # fmt: skip
            case Newest():
                return replace(source, indptr=self._borders[name].table)
            case UserCf():
                return replace(source, takers=self._takers(name, source.takers))
            case Popularity():
                return source.grown(counts)
            case SegmentPopularity():
                return source.grown(counts, self._places[name].table)
            case Content() if self._content is not None:
                columns = None if self._columns is None else self._columns.room
                items = self._content.items.grown(self._vectors.table)
                return Content(items, mix=source.mix, columns=columns)
        return source

    def _takers(self, name: str, takers: Takers) -> Takers:
        # Made anew, it would put everybody's takings in order again.
        grown = copy(takers)
        object.__setattr__(grown, "rarity", self._rarity[name].table)
        object.__setattr__(grown, "index", (self._taken[name].table, *takers.index[1:]))
        return grown

    def _placed(self, features: EncodedFeatures, axes: ContentAxes | None) -> Float:
        if axes is not None:
            return axes(features)
        width: NDArray[np.float32] = self._vectors.table[0]
        return np.zeros((len(features), len(width)), np.float32)
