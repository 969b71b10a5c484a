import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_bundle.sources.vectors import ItemVectors

ITEMS, WIDTH = 600, 8


def item_vectors(seed=0):
    vectors = np.random.default_rng(seed).normal(size=(ITEMS + 1, WIDTH)).astype(np.float32)
    vectors[0] = 0
    return vectors


def inverted_file(vectors, *, lists=16, probes=1):
    index = faiss.index_factory(WIDTH, f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[1:])
    index.add(vectors[1:])
    return ItemVectors(vectors, index=faiss.serialize_index(index), probes=probes)


VECTORS = item_vectors()
EXACT = ItemVectors(VECTORS)
ONE_LIST, ALL_LISTS = inverted_file(VECTORS), inverted_file(VECTORS, probes=16)
QUERY = VECTORS[5] + VECTORS[77]


def brute_force(query, depth, allowed):
    rows = np.flatnonzero(allowed)
    rows = rows[rows > 0]
    return rows[np.lexsort((rows, -(VECTORS[rows] @ query)))][:depth]


@st.composite
def masks(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    return random.random(ITEMS + 1) < draw(st.sampled_from([0.0, 0.002, 0.01, 0.1, 0.5, 1.0]))


@settings(deadline=None, max_examples=60)
@given(masks(), st.integers(1, 40), st.integers(0, 600))
def test_every_way_of_searching_everything_agrees(allowed, depth, item):
    query = VECTORS[item] + VECTORS[77]
    expected = brute_force(query, depth, allowed)
    for found in (
        EXACT.search(query, depth, allowed),
        EXACT.exact(query, depth, allowed),
        ALL_LISTS.search(query, depth, allowed),
        ALL_LISTS.selected(query, min(depth, ITEMS), allowed),
    ):
        assert found.items.tolist() == expected.tolist()
        assert found.scores == pytest.approx(VECTORS[expected] @ query, abs=1e-5)
        assert len(expected) <= found.effort.survived <= found.effort.scanned <= ITEMS


@settings(deadline=None, max_examples=60)
@given(masks(), st.integers(1, 700))
def test_one_probed_list_still_gives_as_many_as_are_allowed(allowed, depth):
    found = ONE_LIST.search(QUERY, depth, allowed)
    rows, scores = found.items, found.scores
    assert len(rows) == min(depth, np.count_nonzero(allowed[1:]))
    assert len(set(rows.tolist())) == len(rows)
    assert allowed[rows].all()
    assert (rows > 0).all()
    assert (np.diff(scores) <= 0).all()
    assert scores == pytest.approx(VECTORS[rows] @ QUERY, abs=1e-4)


def test_the_probed_list_alone_would_have_been_too_few():
    """Say why the test above is one: without the fall-back this search finds fewer than it may."""
    found = ONE_LIST.index.search(QUERY[None], 200, params=faiss.SearchParametersIVF(nprobe=1))[1][0]
    assert (found == -1).any()


@pytest.mark.parametrize("items", [EXACT, ONE_LIST, ALL_LISTS], ids=["exact", "one list", "all lists"])
def test_faiss_placeholders_never_become_item_zero(items):
    allowed = np.zeros((2, ITEMS + 1), np.bool_)
    allowed[0, [3, 9]] = True
    allowed[:, 0] = True
    found, scores = items.scoreboard(np.stack([QUERY, QUERY])).best(50, allowed)
    assert sorted(found[0, :2].tolist()) == [3, 9]
    assert not found[0, 2:].any()
    assert not found[1].any()
    assert np.isneginf(scores[0, 2:]).all()
    assert np.isneginf(scores[1]).all()


def test_items_with_the_same_vector_come_in_the_order_of_their_rows():
    vectors = item_vectors(1)
    vectors[20:60] = vectors[20]
    items, allowed = ItemVectors(vectors), np.ones(ITEMS + 1, np.bool_)
    ahead = np.count_nonzero(vectors[1:] @ vectors[20] > vectors[20] @ vectors[20] + 1e-3)
    for depth in (1, 7, 40):
        rows = items.search(vectors[20], ahead + depth, allowed).items
        assert rows[ahead:].tolist() == list(range(20, 20 + depth))
        assert items.exact(vectors[20], ahead + depth, allowed).items.tolist() == rows.tolist()


def test_a_customer_of_whom_nothing_is_known_gets_nothing():
    found, scores = EXACT.scoreboard(np.zeros((1, WIDTH), np.float32)).best(3, np.ones((1, ITEMS + 1), np.bool_))
    assert found.tolist() == [[0, 0, 0]]
    assert np.isneginf(scores).all()


def test_a_catalogue_smaller_than_the_depth_is_returned_whole():
    items = ItemVectors(VECTORS[:4])
    assert sorted(items.search(QUERY, 99, np.ones(4, np.bool_)).items.tolist()) == [1, 2, 3]
    assert sorted(items.exact(QUERY, 99, np.ones(4, np.bool_)).items.tolist()) == [1, 2, 3]
