"""An engine whose indexes are searched deeper finds more, and shares everything else."""

import numpy as np
from indexes import indexed
from small_models import model_of

from shortlist_bundle.search_depth import searched_spaces
from shortlist_bundle.sources.vectors import ItemVectors

WIDTH, ITEMS = 16, 4_000


def vectors(seed=0):
    drawn = np.random.default_rng(seed).normal(size=(ITEMS + 1, WIDTH)).astype(np.float32)
    drawn[0] = 0
    return drawn


def recall(items, queries, allowed, depth=50):
    found, _ = items.scoreboard(queries).best(depth, np.broadcast_to(allowed, (len(queries), ITEMS + 1)))
    exact = [items.exact(query, depth, allowed).items for query in queries]
    return np.mean([len(np.intersect1d(one, other)) / len(other) for one, other in zip(found, exact, strict=True)])


def test_deeper_is_never_worse_and_whole_at_the_end():
    every = vectors()
    queries = np.random.default_rng(1).normal(size=(20, WIDTH)).astype(np.float32)
    items = indexed(every, "IVF64,Flat", probes=2)
    for share in (1.0, 0.7):
        allowed = np.random.default_rng(2).random(ITEMS + 1) < share
        allowed[0] = False
        found = [recall(items.deeper(times), queries, allowed) for times in (1.0, 2.0, 8.0, 32.0)]
        assert found == sorted(found)
        assert found[0] < 0.95 or share < 1
        assert found[-1] == 1.0
    assert items.probes == 2


def test_without_lists_more_is_taken_from_the_index():
    every = vectors()
    every /= np.maximum(np.linalg.norm(every, axis=1, keepdims=True), 1e-6)
    queries = np.random.default_rng(1).normal(size=(20, WIDTH)).astype(np.float32)
    items = indexed(every, "SQ4", spare=1.0)
    allowed = np.ones(ITEMS + 1, np.bool_)
    allowed[0] = False
    assert recall(items.deeper(4.0), queries, allowed, 20) > recall(items, queries, allowed, 20) + 0.03


def test_vectors_that_grew_are_found_deeper_too():
    every = vectors()
    every[-3] *= 20
    items = indexed(every[:-10], "IVF64,Flat", probes=1).grown(every).deeper(2.0)
    query = every[-3]
    allowed = np.ones(ITEMS + 1, np.bool_)
    allowed[0] = False
    found, _ = items.scoreboard(query[None]).best(5, allowed[None])
    assert found[0, 0] == ITEMS - 2


def test_what_is_searched_whole_is_no_searched_space():
    assert not searched_spaces(model_of().engine.retriever)
    assert ItemVectors(vectors()).deeper(2.0).index is None
