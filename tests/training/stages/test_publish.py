"""The index is chosen by what it finds, and knows every item."""

from types import SimpleNamespace

import faiss
import numpy as np
import pytest
from small_models import model_of

from shortlist_bundle.files import open_bundle
from shortlist_bundle.golden import replay
from shortlist_bundle.packing import unpack_model
from shortlist_bundle.sources.vectors import padded
from shortlist_training.config.run import IndexConfig, RunConfig
from shortlist_training.stages.publish import approximate, publish, with_index


def vectors_of(count, width=8, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count + 1, width)).astype(np.float32)
    vectors[0] = 0
    return vectors


@pytest.fixture
def model():
    return model_of()


def as_dataset(model):
    return SimpleNamespace(events=model.snapshot.events, customer_features=model.snapshot.encoded)


def test_a_small_catalogue_is_searched_exactly(model):
    engine, figures = with_index(model.engine, as_dataset(model), IndexConfig(exact_items=30))
    assert engine is model.engine
    assert figures["two_tower"] == figures["embedding"] == {"index": "exact", "recall": 1.0}


def test_a_larger_one_gets_an_index_over_each_space(model):
    engine, figures = with_index(model.engine, as_dataset(model), IndexConfig(exact_items=10, recall=0.9))
    for items, space in ((engine.retriever.tower_items, "two_tower"), (engine.retriever.embedding_items, "embedding")):
        assert items.approximate
        assert items.probes == figures[space]["probes"]
        assert figures[space]["index"] == "IVF21,SQ8"
        assert figures[space]["recall"] >= 0.9
    assert engine.reranker is model.engine.reranker
    assert engine.depths == model.engine.depths


@pytest.mark.parametrize("recall", [0.5, 0.7, 0.95])
def test_as_many_lists_are_visited_as_the_recall_asks_for(recall):
    vectors, queries = vectors_of(2000), vectors_of(100, seed=1)
    items, figures = approximate(vectors, queries, IndexConfig(recall=recall))
    assert figures["probes"] == items.probes in (8, 16, 32, 64, 128, 178)
    assert figures["recall"] >= recall
    assert recall_of(items, queries, items.probes) == pytest.approx(figures["recall"], abs=1e-4)
    assert items.probes == 8 or recall_of(items, queries, items.probes // 2) < recall


def recall_of(items, queries, probes):
    everything = np.ones(len(items.vectors), np.bool_)
    items.index.nprobe = probes
    found = items.index.search(padded(queries, items.index.d), 200)[1] + 1
    return np.mean(
        [np.isin(items.exact(q, 200, everything).items, f).mean() for q, f in zip(queries, found, strict=True)]
    )


def test_a_recall_that_eight_bits_cannot_reach_does_not_end_in_a_search_of_everything():
    _, figures = approximate(vectors_of(2000), vectors_of(100, seed=1), IndexConfig(recall=1.1))
    assert figures["probes"] < 178
    assert 0.97 < figures["recall"] <= 1.0


@pytest.mark.parametrize("count", [1, 2, 11])
def test_a_handful_of_items_can_have_an_index_too(count):
    items, figures = approximate(vectors_of(count), vectors_of(5, seed=1), IndexConfig())
    assert figures["recall"] == 1.0
    assert items.search(vectors_of(1, seed=2)[1], count, np.ones(count + 1, np.bool_)).items.tolist() != []


def test_the_index_holds_every_item_in_its_place():
    vectors = vectors_of(300)
    items, _ = approximate(vectors, vectors_of(20, seed=1), IndexConfig())
    items.index.make_direct_map()
    held = items.index.reconstruct_n(0, 300)
    assert held.shape[1] % 16 == 0
    assert not held[:, vectors.shape[1] :].any()
    held = held[:, : vectors.shape[1]]
    np.testing.assert_allclose(held, vectors[1:], atol=0.05)
    assert (np.linalg.norm(held[:, None] - vectors[None, 1:], axis=2).argmin(axis=1) == np.arange(300)).all()


def test_what_is_published_passes_its_own_golden_requests(model, tmp_path):
    ref = publish(model, RunConfig(), tmp_path, name="default", alias="stable", report={"run": {"seconds": {"all": 1}}})
    opened = open_bundle(tmp_path, "default", "stable")
    assert opened.ref == ref
    assert opened.report("run") == {"seconds": {"all": 1}}
    assert replay(opened, unpack_model(opened)).passed
    assert opened.document("config")["run"]["seed"] == 0


def test_the_report_does_not_count_towards_the_id(model, tmp_path):
    ids = [
        publish(model, RunConfig(), tmp_path / name, name="default", alias="stable", report={"run": {"host": name}})
        for name in ("one", "other")
    ]
    assert ids[0].bundle_id == ids[1].bundle_id


def test_the_same_vectors_make_the_same_index_twice():
    vectors, queries = vectors_of(3000), vectors_of(50, seed=1)
    once, twice = (approximate(vectors, queries, IndexConfig())[0] for _ in range(2))
    assert faiss.serialize_index(once.index).tobytes() == faiss.serialize_index(twice.index).tobytes()
    assert once.probes == twice.probes
