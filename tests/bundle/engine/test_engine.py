from dataclasses import replace

import numpy as np
import pytest
from arrays import SOURCES, batch_of, random_batch, random_engine
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_bundle.features.encoded import EncodedFeatures

ENGINE = random_engine()
ITEMS = ENGINE.retriever.item_count


def everything(count):
    return np.ones((count, ITEMS + 1), np.bool_)


def run(batch, allowed, *, seen_allowed=True, k=10):
    encoded = ENGINE.retriever.encode(batch)
    candidates = ENGINE.retrieve(encoded, allowed, seen_allowed=seen_allowed, at_least=k)
    return candidates, ENGINE.rerank(encoded, candidates, seen_allowed=seen_allowed, k=k)


@st.composite
def masks(draw, count):
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    shares = random.choice([0.0, 0.05, 0.3, 1.0], size=(count, 1))
    return random.random((count, ITEMS + 1)) < shares


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.booleans(), st.data())
def test_a_batch_and_its_customers_alone_get_the_same_lists(seed, seen_allowed, data):
    batch = random_batch(seed)
    allowed = data.draw(masks(len(batch)))
    candidates, ranked = run(batch, allowed, seen_allowed=seen_allowed)
    for row in range(len(batch)):
        own, alone = run(batch.take(np.array([row])), allowed[[row]], seen_allowed=seen_allowed)
        assert own.items[own.items > 0].tolist() == candidates.items[row][candidates.items[row] > 0].tolist()
        assert own.ranks[own.items > 0].tolist() == candidates.ranks[row][candidates.items[row] > 0].tolist()
        # A product of matrices rounds otherwise than one of a vector, by a share of its largest terms.
        largest = max([1.0, *map(abs, ranked.scores[row][ranked.items[row] > 0].tolist())])
        assert alone.scores[0] == pytest.approx(ranked.scores[row], abs=1e-5 * largest)
        assert alone.items[0].tolist() == ranked.items[row].tolist()
        assert alone.ranks[0].tolist() == ranked.ranks[row].tolist()
        assert alone.candidates[0] == ranked.candidates[row]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, ITEMS + 3), st.data())
def test_k_items_come_back_whenever_k_are_allowed(seed, k, data):
    batch = random_batch(seed)
    allowed = data.draw(masks(len(batch)))
    _, ranked = run(batch, allowed, k=k)
    for row in range(len(batch)):
        items = ranked.items[row][ranked.items[row] > 0]
        assert len(items) == min(k, np.count_nonzero(allowed[row, 1:]))
        assert len(set(items.tolist())) == len(items)
        assert allowed[row, items].all()
        assert (np.diff(ranked.scores[row, : len(items)]) <= 0).all()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32), st.integers(1, 12), st.data())
def test_whoever_is_short_is_filled_up_in_the_order_of_the_two_tower(seed, at_least, data):
    batch = random_batch(seed)
    allowed = data.draw(masks(len(batch)))
    encoded = ENGINE.retriever.encode(batch)
    own = ENGINE.retriever.retrieve(encoded, allowed, {"own_past": 2}, at_least=0)
    more = ENGINE.retriever.retrieve(encoded, allowed, {"own_past": 2}, at_least=at_least)
    order = np.argsort(-(encoded.vectors @ ENGINE.retriever.tower_items.vectors.T), axis=1)
    for row in range(len(batch)):
        proposed = own.items[row][own.items[row] > 0].tolist()
        rest = [item for item in order[row].tolist() if item and allowed[row, item] and item not in proposed]
        expected = proposed + rest[: max(at_least - len(proposed), 0)]
        assert sorted(more.items[row][more.items[row] > 0].tolist()) == sorted(expected)


def test_sources_without_places_propose_nothing():
    encoded = ENGINE.retriever.encode(random_batch())
    candidates = ENGINE.retriever.retrieve(encoded, everything(7), {"two_tower": 3}, at_least=1)
    assert candidates.items.shape == (7, 3)
    assert (candidates.masks == 1 << SOURCES.index("two_tower")).all()


def test_without_any_source_the_two_tower_still_fills():
    encoded = ENGINE.retriever.encode(random_batch())
    candidates = ENGINE.retriever.retrieve(encoded, everything(7), {}, at_least=4)
    assert (candidates.items > 0).sum(axis=1).tolist() == [4] * 7
    assert not candidates.masks.any()


def test_the_sources_that_are_asked_for_share_the_whole_budget():
    encoded = ENGINE.retriever.encode(random_batch())
    candidates = ENGINE.retrieve(
        encoded, everything(7), seen_allowed=True, at_least=1, only=("popularity", "two_tower")
    )
    proposed = candidates.ranks.max(axis=(0, 1)).tolist()
    # 6 sources of 4 places each, shared by two: 12 places each.
    assert proposed == [11 if name in ("popularity", "two_tower") else -1 for name in SOURCES]


def test_seen_items_are_those_of_the_history():
    encoded = ENGINE.retriever.encode(
        batch_of([[(3, 1), (0, 2)], []], features=EncodedFeatures.concatenate([random_batch(count=2).features]))
    )
    assert [np.flatnonzero(row).tolist() for row in encoded.seen()] == [[3], []]


def test_an_approximate_index_changes_which_items_are_found_but_not_how_many():
    import faiss

    from shortlist_bundle.sources.vectors import ItemVectors

    vectors = ENGINE.retriever.tower_items.vectors
    index = faiss.index_factory(vectors.shape[1], "IVF4,Flat", faiss.METRIC_INNER_PRODUCT)
    index.cp.min_points_per_centroid = 1
    index.train(vectors[1:])
    index.add(vectors[1:])
    approximate = ItemVectors(vectors, index=faiss.serialize_index(index), probes=1)
    retriever = replace(ENGINE.retriever, tower_items=approximate)
    batch = random_batch(5)
    candidates = retriever.retrieve(retriever.encode(batch), everything(7), {"two_tower": 20}, at_least=20)
    assert (candidates.items > 0).sum(axis=1).tolist() == [20] * 7
