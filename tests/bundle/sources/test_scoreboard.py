import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shortlist_bundle.sources.scoreboard import SharedScores, SparseScores
from shortlist_bundle.sources.top import top
from shortlist_bundle.sources.vectors import ItemVectors

SCORES = st.sampled_from([-1.0, 0.0, 0.5, 0.5, 1.0, 2.0, 7.0])


def best_by_brute_force(known, depth, allowed):
    """Rank one customer's known scores (item -> score) by falling score, then by item row."""
    ranked = sorted((-score, item) for item, score in known.items() if item and allowed[item])[:depth]
    items = [item for _, item in ranked] + [0] * (depth - len(ranked))
    return items, [-score for score, _ in ranked] + [-np.inf] * (depth - len(ranked))


def assert_best(board, known, depth, allowed):
    items, scores = board.best(depth, allowed)
    assert (items.dtype, scores.dtype) == (np.int32, np.float32)
    assert items.shape == scores.shape == (len(known), depth)
    for row, scores_of in enumerate(known):
        expected, values = best_by_brute_force(scores_of, depth, allowed[row])
        assert items[row].tolist() == expected
        assert scores[row].tolist() == values


def assert_at(board, known, items, nothing):
    assert board.at(items).tolist() == [
        [scores_of.get(item, nothing) for item in row] for scores_of, row in zip(known, items.tolist(), strict=True)
    ]
    assert board.at(items).dtype == np.float32


@st.composite
def questions(draw, count, width):
    depth = draw(st.integers(1, width + 3))
    allowed = draw(arrays(np.bool_, (count, width)))
    items = draw(arrays(np.int32, (count, 4), elements=st.integers(0, width - 1)))
    return depth, allowed, items


@given(st.data(), st.integers(0, 4), st.integers(1, 9))
def test_sparse_scores_against_brute_force(data, count, width):
    known = [data.draw(st.dictionaries(st.integers(0, width - 1), SCORES)) for _ in range(count)]
    pairs = sorted((row, item, score) for row, scores_of in enumerate(known) for item, score in scores_of.items())
    board = SparseScores(
        count=count,
        width=width,
        keys=np.array([row * width + item for row, item, _ in pairs], np.int64),
        scores=np.array([score for _, _, score in pairs], np.float32),
    )
    depth, allowed, items = data.draw(questions(count, width))
    assert_best(board, known, depth, allowed)
    assert_at(board, known, items, 0.0)


@given(st.data(), st.integers(0, 4), st.integers(2, 9), st.integers(1, 3))
def test_shared_scores_against_brute_force(data, count, width, groups):
    table = data.draw(arrays(np.float32, (groups, width), elements=SCORES))
    group_of = data.draw(arrays(np.int64, count, elements=st.integers(0, groups - 1)))
    orders = np.stack([np.lexsort((np.arange(1, width), -row[1:])) + 1 for row in table]).astype(np.int32)
    board = SharedScores(groups=group_of, table=table, orders=orders)
    known = [dict(enumerate(table[group].tolist())) for group in group_of]
    depth, allowed, items = data.draw(questions(count, width))
    assert_best(board, known, depth, allowed)
    assert_at(board, known, items, None)


def test_shared_scores_look_far_down_the_order_when_the_head_is_not_allowed():
    items = 500
    board = SharedScores(
        groups=np.zeros(1, np.int64),
        table=-np.arange(items + 1, dtype=np.float32)[None],
        orders=np.arange(1, items + 1, dtype=np.int32)[None],
    )
    allowed = np.zeros((1, items + 1), np.bool_)
    allowed[0, [400, 499]] = True
    assert board.best(2, allowed)[0].tolist() == [[400, 499]]
    assert board.best(3, allowed)[0].tolist() == [[400, 499, 0]]


@given(st.data(), st.integers(0, 3), st.integers(2, 12))
def test_vector_scores_against_brute_force(data, count, width):
    # Small whole numbers: inner products are exact, and ties are frequent.
    whole = st.integers(-2, 2).map(float)
    vectors = data.draw(arrays(np.float32, (width, 3), elements=whole))
    vectors[0] = 0
    customers = data.draw(arrays(np.float32, (count, 3), elements=whole))
    board = ItemVectors(vectors).scoreboard(customers)
    inner = [dict(enumerate((vectors @ customer).tolist())) for customer in customers]
    known = [scores if customer.any() else {} for scores, customer in zip(inner, customers, strict=True)]
    depth, allowed, items = data.draw(questions(count, width))
    assert_best(board, known, depth, allowed)
    assert_at(board, inner, items, None)


@given(st.lists(st.tuples(st.integers(1, 50), SCORES), max_size=60, unique_by=lambda pair: pair[0]), st.integers(1, 9))
def test_top_keeps_the_lowest_rows_among_equal_scores(pairs, depth):
    items, scores = np.array([p[0] for p in pairs], np.int64), np.array([p[1] for p in pairs], np.float32)
    chosen, values = top(items, scores, depth)
    expected = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:depth]
    assert list(zip(chosen.tolist(), values.tolist(), strict=True)) == expected


@pytest.mark.parametrize("depth", [1, 5])
def test_nothing_allowed_gives_nothing(depth):
    allowed = np.zeros((1, 4), np.bool_)
    vectors = np.eye(4, 3, dtype=np.float32)
    boards = [
        SparseScores(count=1, width=4, keys=np.array([1, 2]), scores=np.ones(2, np.float32)),
        SharedScores(
            groups=np.zeros(1, np.int64), table=np.ones((1, 4), np.float32), orders=np.array([[1, 2, 3]], np.int32)
        ),
        ItemVectors(vectors).scoreboard(np.ones((1, 3), np.float32)),
    ]
    for board in boards:
        items, scores = board.best(depth, allowed)
        assert items.tolist() == [[0] * depth]
        assert scores.tolist() == [[-np.inf] * depth]
