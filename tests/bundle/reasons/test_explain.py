"""Every reason of finished lists, and a planted pull."""

from dataclasses import replace

import numpy as np
import pytest
from arrays import SOURCES, batch_of, random_batch, random_engine

from shortlist_bundle.reasons.explain import explain
from shortlist_bundle.sources.item_cf import ItemCf

A, B = 4, 17
"""Whoever takes A gets B."""


def run(engine, batch, *, k=6, depths=None):
    encoded = engine.retriever.encode(batch)
    allowed = np.ones((len(batch), 31), np.bool_)
    candidates = engine.retriever.retrieve(encoded, allowed, depths or engine.depths[True], at_least=k)
    ranked = engine.rerank(encoded, candidates, seen_allowed=True, k=k)
    return encoded, ranked, explain(engine, encoded, ranked, seen_allowed=True)


def planted():
    """Return an engine whose item neighbours are one pair: A brings B."""
    engine = random_engine()
    indptr = np.zeros(32, np.int64)
    indptr[A + 1 :] = 1
    only = ItemCf(indptr=indptr, neighbours=np.array([B], np.int32), weights=np.ones(1, np.float32), mix=(0.0, 1.0))
    engine.retriever = replace(engine.retriever, counting=dict(engine.retriever.counting) | {"item_cf": only})
    return engine


def test_where_a_always_brings_b_the_reason_for_b_is_a():
    rows = [[(9, 1), (A, 2), (3, 3)], [(A, 1)], [(9, 1), (3, 2)]]
    batch = batch_of(rows, features=random_batch(count=3).features)
    _, ranked, found = run(planted(), batch, depths={"item_cf": 5}, k=1)
    assert ranked.items[:2].tolist() == [[B], [B]]
    own = found.pulls["item_cf"]
    assert own.items[:2, 0].tolist() == [[A, 0, 0]] * 2
    assert own.shares[:2, 0].tolist() == [[1, 0, 0]] * 2
    assert own.history[:2, 0].tolist() == [1, 1]
    # The third has not taken A: nothing of their history speaks for the item that filled the list.
    assert not own.items[2].any()
    assert own.history[2, 0] == 0


def test_reasons_stand_beside_the_items_they_explain():
    engine, batch = random_engine(), random_batch(4)
    encoded, ranked, found = run(engine, batch)
    assert found.source_scores.shape == (7, 6, len(SOURCES))
    for place, name in enumerate(SOURCES):
        assert found.source_scores[..., place] == pytest.approx(encoded.boards[name].at(ranked.items))
    assert found.score_changes.shape == (7, 6, len(found.score_groups))
    for row in range(7):
        taken = batch.history.items[batch.history.offsets[row] : batch.history.offsets[row + 1]]
        for place, item in enumerate(ranked.items[row]):
            assert found.takings.counts[row, place] == np.count_nonzero(taken == item)
            for own in found.pulls.values():
                named = own.items[row, place]
                assert set(named[named > 0]) <= set(taken)


def test_the_score_that_is_explained_is_the_one_in_the_list():
    """The signals of the k items alone are those that they were ranked with."""
    engine, batch = random_engine(), random_batch(5)
    encoded, ranked, _ = run(engine, batch)
    from shortlist_bundle.merge import Candidates

    raw = engine.retriever.pair_signals(
        encoded, Candidates(items=ranked.items, ranks=ranked.ranks), np.ones(7, np.bool_)
    )
    again = engine.reranker(batch, encoded.vectors, ranked.items, raw)
    assert again == pytest.approx(ranked.scores, abs=1e-3)


def test_empty_lists_need_no_reasons():
    engine = random_engine()
    encoded = engine.retriever.encode(random_batch(count=2))
    nothing = engine.retriever.retrieve(encoded, np.zeros((2, 31), np.bool_), engine.depths[True], at_least=3)
    ranked = engine.rerank(encoded, nothing, seen_allowed=True, k=3)
    found = explain(engine, encoded, ranked, seen_allowed=True)
    assert found.score_changes.shape[:2] == (2, 3)
    assert not found.takings.counts.any()
