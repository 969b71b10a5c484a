"""The index is the cheapest that finds enough, and knows every item."""

from types import SimpleNamespace

import faiss
import numpy as np
import pytest
from indexes import indexed
from small_models import model_of

from shortlist_training.config.run import IndexConfig
from shortlist_training.stages.index_candidates import candidates, exact
from shortlist_training.stages.indexing import choose, neighbours_found, with_index

WIDTH, GROUPS = 16, 60


def grouped(count, seed=0):
    """Draw vectors around a few middles, as learnt ones lie."""
    random = np.random.default_rng(seed)
    middles = np.random.default_rng(99).normal(size=(GROUPS, WIDTH))
    vectors = middles[random.integers(0, GROUPS, count + 1)] + 0.5 * random.normal(size=(count + 1, WIDTH))
    vectors[0] = 0
    return vectors.astype(np.float32)


@pytest.fixture
def model():
    return model_of()


def as_dataset(model):
    return SimpleNamespace(events=model.snapshot.events, customer_features=model.snapshot.encoded)


def test_a_small_catalogue_is_searched_exactly(model):
    engine, figures = with_index(model.engine, as_dataset(model), IndexConfig())
    assert not engine.retriever.tower_items.approximate
    assert figures["two_tower"] == figures["embedding"] == {"index": "exact", "recall": 1.0}


def test_where_no_index_is_cheaper_there_is_none(model):
    """Not even one that is asked for: a search of some dozen vectors is over before an index is called."""
    engine, figures = with_index(model.engine, as_dataset(model), IndexConfig(exact_items=10))
    assert not engine.retriever.tower_items.approximate
    assert [one["index"] for one in figures["two_tower"]["tried"]] == ["exact"]
    assert engine.reranker is model.engine.reranker
    assert engine.depths == model.engine.depths


@pytest.mark.parametrize("recall", [0.5, 0.9, 0.99])
def test_the_cheapest_that_finds_enough_is_taken(recall):
    vectors, queries = grouped(40_000), grouped(150, seed=1)[1:][1:]
    items, figures = choose(vectors, neighbours_found(vectors, queries), IndexConfig(recall=recall))
    tried = figures.pop("tried")
    assert figures == tried[-1]
    assert figures["recall"] >= recall
    assert all(one["recall"] < recall for one in tried[:-1])
    assert [one["reckoned_us"] for one in tried] == sorted(one["reckoned_us"] for one in tried)
    assert (items.probes, items.spare) == (figures["probes"], figures["spare"])
    everything = np.ones((len(queries), len(vectors)), np.bool_)
    found, right = (one.scoreboard(queries).best(200, everything)[0] for one in (items, indexed(vectors, "")))
    shares = [np.isin(one, other).mean() for one, other in zip(right, found, strict=True)]
    assert np.mean(shares) == pytest.approx(figures["recall"], abs=1e-3)


def test_the_index_of_before_is_tried_first():
    vectors, queries = grouped(40_000), grouped(150, seed=1)[1:][1:]
    judge = neighbours_found(vectors, queries)
    _, figures = choose(vectors, judge, IndexConfig(recall=0.9))
    assert len(figures["tried"]) > 1
    again, found = choose(vectors, judge, IndexConfig(recall=0.9), before=figures)
    assert [{**one, "tried": None} for one in found["tried"]] == [{**figures, "tried": None}]
    assert (again.probes, again.spare) == (figures["probes"], figures["spare"])
    # One that finds too little by now is followed by the next ones; one that nobody knows changes nothing.
    _, worse = choose(vectors, judge, IndexConfig(recall=0.9), before=figures["tried"][0])
    assert worse["index"] == figures["index"]
    _, anew = choose(vectors, judge, IndexConfig(recall=0.9), before={"index": "of another release"})
    assert anew == figures


def test_nothing_that_is_good_enough_but_dearer_than_exact_search_is_taken():
    vectors = grouped(3_000)
    items, figures = choose(vectors, lambda items: 0.0, IndexConfig())
    assert not items.approximate
    assert figures["index"] == "exact"
    assert max(one["reckoned_us"] for one in figures["tried"]) == figures["reckoned_us"]


def test_candidates_come_by_rising_cost_and_exact_search_is_one_of_them():
    for count in (1, 500, 5_000, 100_000, 10_000_000):
        found = candidates(count, 64, 200)
        assert [one.nanoseconds for one in found] == sorted(one.nanoseconds for one in found)
        assert exact(count, 64) in found
        assert len(set(found)) == len(found)
    assert candidates(1, 64, 200) == [exact(1, 64)]


def test_the_same_vectors_make_the_same_choice_and_the_same_index_twice():
    vectors, queries = grouped(20_000), grouped(50, seed=1)
    once, twice = (choose(vectors, neighbours_found(vectors, queries), IndexConfig()) for _ in range(2))
    assert once[1] == twice[1]
    assert once[0].approximate
    assert faiss.serialize_index(once[0].index).tobytes() == faiss.serialize_index(twice[0].index).tobytes()


@pytest.mark.parametrize("factory", ["IVF20,SQ8", "IVF20,PQ16x4fs", "PQ16x4fs"])
def test_the_index_holds_every_item_in_its_place(factory):
    vectors = np.random.default_rng(0).normal(size=(1201, 13)).astype(np.float32)
    everything = np.ones((1200, 1201), np.bool_)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    items = indexed(vectors, factory, probes=20, spare=4.0)
    assert items.index.d == 16
    found, _ = items.scoreboard(vectors[1:]).best(1, everything)
    assert found[:, 0].tolist() == list(range(1, 1201))
