"""Items near what the customer has taken, by features alone."""

import faiss
import numpy as np
import pytest
from arrays import ROWS, batch_of, histories
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.sources.content import Content, columns_of, every_product
from shortlist_bundle.sources.vectors import ItemVectors

HALF = np.sqrt(0.5)
VECTORS = np.array([[0, 0], [1, 0], [0, 1], [HALF, HALF], [1, 0], [0, 0], [-1, 0]], np.float32)
"""Items 1 and 4 are alike, 3 lies between 1 and 2, 6 is the opposite of 1, and of 5 nothing is known."""
WIDTH = len(VECTORS)
HALF_LIVES = (5.0, float("inf"))


def content(mix=(0.0, 1.0), vectors=VECTORS):
    return Content(ItemVectors(vectors), mix=mix)


def boards_of(rows, source=None, now=20.0):
    table = histories(rows)
    past = sum_up(table, np.full(len(rows), now), HALF_LIVES, things=table.items, width=len(VECTORS))
    return (source or content()).scoreboard(batch_of(rows), past)


def every_item(count):
    return np.tile(np.arange(WIDTH, dtype=np.int32), (count, 1))


def everything(count):
    return np.ones((count, WIDTH), np.bool_)


def test_a_taste_is_the_direction_of_what_was_taken():
    board = boards_of([[(1, 10)], [(1, 10), (2, 10)], [(5, 10)], []])
    found = board.at(every_item(4))
    assert found[0] == pytest.approx([0, 1, 0, HALF, 1, 0, -1], abs=1e-6)
    assert found[1] == pytest.approx([0, HALF, HALF, 1, HALF, 0, -HALF], abs=1e-6)
    assert (found[2:] == 0).all()


def test_the_best_are_the_nearest_ties_by_row():
    items, scores = boards_of([[(1, 10)], [(1, 10), (2, 10)]]).best(4, everything(2))
    assert items.tolist() == [[1, 4, 3, 2], [3, 1, 2, 4]]
    assert scores[0] == pytest.approx([1, 1, HALF, 0], abs=1e-6)


def test_of_whom_nothing_is_known_nothing_is_proposed():
    items, scores = boards_of([[], [(5, 10)]]).best(3, everything(2))
    assert not items.any()
    assert np.isneginf(scores).all()


def test_newer_items_have_more_say():
    rows = [[(2, 0), (1, 20)]]
    even = boards_of(rows, content(mix=(0.0, 1.0))).at(every_item(1))[0]
    faded = boards_of(rows, content(mix=(1.0, 0.0))).at(every_item(1))[0]
    assert even[1] == pytest.approx(even[2])
    # Four half-lives ago: a sixteenth, and a quarter after the root.
    assert faded[2] / faded[1] == pytest.approx(0.25, abs=1e-5)


@given(rows=ROWS, mix=st.sampled_from([(1.0, 0.0), (0.5, 0.5)]))
def test_alone_or_in_a_batch_the_answer_is_the_same(rows, mix):
    source = content(mix=mix)
    if rows:
        together = boards_of(rows, source).best(5, everything(len(rows)))
        alone = [boards_of([row], source).best(5, everything(1)) for row in rows]
        np.testing.assert_array_equal(together[0], np.concatenate([items for items, _ in alone]))
        np.testing.assert_array_equal(together[1], np.concatenate([scores for _, scores in alone]))


def test_equal_vectors_have_equal_products_wherever_they_stand():
    """A library's matrix product does not promise that, and the order of equal items would be a matter of luck."""
    random = np.random.default_rng(0)
    row = random.normal(size=(1, 61)).astype(np.float32)
    products = every_product(columns_of(np.repeat(row, 1001, axis=0)), random.normal(size=(3, 61)).astype(np.float32))
    assert (products == products[:, :1]).all()


def test_the_nearest_of_an_item_never_hold_what_is_not_allowed():
    allowed = everything(1)[0]
    allowed[[0, 1]] = False
    near = content().nearest(1, 3, allowed)
    assert near.items.tolist() == [4, 3, 2]
    assert near.scores == pytest.approx([1, HALF, 0], abs=1e-6)
    allowed[4] = False
    assert content().nearest(1, 10, allowed).items.tolist() == [3, 2, 5, 6]


def test_an_index_finds_what_exact_search_finds_with_unrounded_cosines():
    random = np.random.default_rng(1)
    vectors = random.normal(size=(400, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[0] = 0
    index = faiss.index_factory(16, "IVF8,SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[1:])
    index.add(vectors[1:])
    near = Content(ItemVectors(vectors, index=faiss.serialize_index(index), probes=8), mix=(1.0,))
    allowed = np.ones(400, np.bool_)
    allowed[[0, 9]] = False
    found = near.nearest(9, 10, allowed)
    rows, exact = found.items, content(vectors=vectors).nearest(9, 10, allowed).items
    assert len(set(rows.tolist()) & set(exact.tolist())) >= 9
    np.testing.assert_allclose(found.scores, vectors[rows] @ vectors[9], atol=1e-6)
    assert 9 not in rows


@given(ROWS, st.sampled_from([(0.0, 1.0), (0.7, 0.3)]))
def test_what_the_history_adds_is_the_score(rows, mix):
    source, items = content(mix), every_item(len(rows))
    table = histories(rows)
    past = sum_up(table, np.full(len(rows), 20.0), HALF_LIVES, things=table.items, width=WIDTH)
    found = source.contributions(batch_of(rows), past, items)
    scores = source.scoreboard(batch_of(rows), past).at(items)
    # Tastes that cancel out have no length worth dividing by.
    clear = np.abs(scores).max(axis=1) > 0.1
    assert found.totals()[clear] == pytest.approx(scores[clear], abs=1e-4)


def test_tastes_that_cancel_out_are_no_taste():
    """Item 6 is the opposite of item 1: what rounding leaves of their sum is not a direction."""
    vectors = VECTORS.copy()
    vectors[6, 1] = 1e-7
    items, _ = boards_of([[(1, 10), (6, 10)]], content(vectors=vectors)).best(3, everything(1))
    assert not items.any()
