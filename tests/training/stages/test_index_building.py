"""Indexes are built once each, share their lists where they have as many, and learn them from some of the vectors."""

import faiss
import numpy as np

from shortlist_training.stages import index_building
from shortlist_training.stages.index_building import Built
from shortlist_training.stages.index_candidates import FEWEST_SHARED, IndexCandidate, candidates


def drawn(count, width=16):
    vectors = np.random.default_rng(0).normal(size=(count + 1, width)).astype(np.float32)
    vectors[0] = 0
    return vectors


def candidate(factory, **settings):
    return IndexCandidate(factory=factory, nanoseconds=0.0, **settings)


def middles(items):
    return faiss.downcast_index(items.index.quantizer).reconstruct_n(0, items.index.nlist)


def test_every_search_setting_searches_the_same_index():
    built = Built(drawn(600))
    one, other = (built.items(candidate("IVF8,SQ8", probes=probes, spare=2.0)) for probes in (2, 4))
    assert one.index is other.index
    assert (one.probes, other.probes) == (2, 4)


def test_inverted_files_of_as_many_lists_share_them():
    built = Built(drawn(600))
    one, other, more = (built.items(candidate(name)) for name in ("IVF8,SQ8", "IVF8,PQ8x4fs", "IVF16,SQ8"))
    np.testing.assert_array_equal(middles(one), middles(other))
    assert len(middles(more)) == 16
    assert one.index.ntotal == other.index.ntotal == 600


def test_lists_are_learnt_from_some_of_the_vectors_and_hold_all(monkeypatch):
    seen, train = [], faiss.Clustering.train

    def noted(self, vectors, *others):
        seen.append(len(vectors))
        return train(self, vectors, *others)

    monkeypatch.setattr(faiss.Clustering, "train", noted)
    monkeypatch.setattr(index_building, "LEARNT_FROM", 40)
    items = Built(drawn(1000)).items(candidate("IVF8,SQ8", probes=8))
    assert seen == [250]  # every fourth: at most 40 for each of 8 lists
    found = items.scoreboard(drawn(1000)[1:]).best(1, np.ones((1000, 1001), np.bool_))[0]
    assert len(set(found[:, 0].tolist())) > 500


def test_a_large_catalogue_gets_an_index_that_workers_can_share():
    small, large = (candidates(count, 64, 200) for count in (FEWEST_SHARED - 1, FEWEST_SHARED))
    assert any(one.factory.endswith("x4fs") for one in small)
    assert {one.factory.split(",")[-1] for one in large} == {"", "SQ8"}
