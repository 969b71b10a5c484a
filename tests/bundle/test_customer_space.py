"""Customers near a customer."""

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.customer_space import CustomerSpace

HALF = np.sqrt(0.5)
VECTORS = np.array([[0, 0], [1, 0], [0, 1], [HALF, HALF], [1, 0], [0, 0], [-1, 0]], np.float16)
"""Customers 1 and 4 stand at one place, 3 between 1 and 2, 6 opposite, and of 5 nothing is known."""
SPACE = CustomerSpace(VECTORS)


@pytest.mark.parametrize(
    ("query", "oneself", "k", "rows", "scores"),
    [
        ([1, 0], 1, 3, [4, 3, 2], [1, HALF, 0]),
        ([1, 0], 0, 3, [1, 4, 3], [1, 1, HALF]),
        ([5, 0], 4, 1, [1], [1]),
        ([0, 2], 2, 9, [3, 1, 4, 6], [HALF, 0, 0, 0]),
    ],
)
def test_the_nearest_by_hand(query, oneself, k, rows, scores):
    found, cosines = SPACE.nearest(np.array(query, np.float32), k, oneself=oneself)
    assert found.tolist() == rows
    assert cosines == pytest.approx(scores, abs=1e-3)


def test_of_whom_nothing_is_known_the_typical_are_nearest():
    """The mean of the five who are known is ((1 + 0.71 + 1 - 1) / 5, (1 + 0.71) / 5), on the line of customer 3."""
    rows, cosines = SPACE.nearest(np.zeros(2, np.float32), 2)
    assert rows.tolist()[0] == 3
    assert cosines[0] == pytest.approx(1, abs=1e-3)


def test_where_nobody_is_known_nobody_is_near():
    rows, cosines = CustomerSpace(np.zeros((4, 2), np.float16)).nearest(np.zeros(2, np.float32), 3)
    assert len(rows) == len(cosines) == 0


def many(*, count=600, probes=32, seed=0):
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(count + 1, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[::10] = 0
    index = faiss.index_factory(16, "IVF32,SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[1:])
    index.add(vectors[1:])
    half = vectors.astype(np.float16)
    return CustomerSpace(half), CustomerSpace(half, index=faiss.serialize_index(index), probes=probes)


EXACT, INDEXED = many()


@given(row=st.integers(1, 600).filter(lambda row: row % 10), k=st.integers(1, 50))
def test_an_index_finds_what_exact_search_finds(row, k):
    query = EXACT.vectors[row].astype(np.float32)
    right, found = (space.nearest(query, k, oneself=row) for space in (EXACT, INDEXED))
    assert row not in found[0]
    assert len(found[0]) == k
    assert len(set(right[0].tolist()) & set(found[0].tolist())) >= 0.9 * k - 1
    np.testing.assert_allclose(found[1], EXACT.vectors[found[0]].astype(np.float32) @ query, atol=2e-3)


@pytest.mark.parametrize("probes", [1, 32])
def test_k_come_back_through_an_index_that_visits_too_little(probes):
    sparse = many(probes=probes)[1]
    for k in (1, 100, 540, 1000):
        rows, _ = sparse.nearest(sparse.vectors[7].astype(np.float32), k, oneself=7)
        assert len(rows) == min(k, 539)
        assert (rows % 10 > 0).all()
