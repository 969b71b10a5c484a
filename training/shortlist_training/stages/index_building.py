"""The indexes over one space, each built once, when it is first tried."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import faiss

from shortlist_bundle.sources.products import Vectors, padded
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_training.stages.index_candidates import IndexCandidate

ONE_THREAD = 200_000
"""Up to so many items an index is built by one thread."""
LANES = 16
"""FAISS is several times as fast where the width is a multiple of what one instruction works on."""
LEARNT_FROM = 64
"""Vectors for each list that its middle is learnt from, at most. With FAISS's own 256 a million items take four times
as long, and the same is found."""


@dataclass(slots=True)
class Built:
    """The indexes over one space; inverted files of as many lists share them.

    Attributes:
        vectors: float32 [N + 1, D], row 0 is nobody.
    """

    vectors: Vectors
    _indexes: dict[str, Any] = field(default_factory=dict)
    _middles: dict[int, Vectors] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Width of the index: that of the vectors, with zeros behind it."""
        return -(-self.vectors.shape[1] // LANES) * LANES

    def items(self, candidate: IndexCandidate) -> ItemVectors:
        """Return the items with the index, searched as the candidate says."""
        if not candidate.factory:
            return ItemVectors(self.vectors)
        if candidate.factory not in self._indexes:
            self._indexes[candidate.factory] = self._index(candidate.factory)
        index = self._indexes[candidate.factory]
        return ItemVectors(self.vectors, index=index, probes=candidate.probes, spare=candidate.spare)

    def _index(self, factory: str) -> Any:
        items = padded(self.vectors[1:], self.width)
        index = faiss.index_factory(self.width, factory, faiss.METRIC_INNER_PRODUCT)
        learnt_from = items
        if isinstance(index, faiss.IndexIVF):
            learnt_from = items[_spread(len(items), LEARNT_FROM * index.nlist)]
            with _threads(len(learnt_from)):
                self._find_lists(index, learnt_from)
        # Codes are learnt from a few thousand vectors, a letter at a time.
        with _threads(0):
            index.train(learnt_from)
        with _threads(len(items)):
            index.add(items)
        return index

    def _find_lists(self, index: Any, learnt_from: Vectors) -> None:
        """Give an inverted file its lists; where their middles are known, they are not looked for again."""
        if index.nlist not in self._middles:
            clustering = faiss.Clustering(index.d, index.nlist, index.cp)
            clustering.train(learnt_from, index.quantizer)
            self._middles[index.nlist] = index.quantizer.reconstruct_n(0, index.nlist)
        else:
            index.quantizer.add(self._middles[index.nlist])


def _spread(count: int, most: int) -> slice:
    """Return every so many-th of `count` rows, at most `most` of them."""
    return slice(None, None, max(-(-count // most), 1))


@contextmanager
def _threads(vectors: int) -> Iterator[None]:
    """Let FAISS work on so many vectors with all cores, or with one where they are few."""
    before = faiss.omp_get_max_threads()
    # Threads that wait for each other over a few numbers cost many times what they bring.
    faiss.omp_set_num_threads(before if vectors > ONE_THREAD else 1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
