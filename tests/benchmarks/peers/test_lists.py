import numpy as np
from benchmarks.peers.lists import NOBODY, Scored, best_items


def test_the_best_come_first_and_equal_ones_by_row():
    scores = np.array([[0.0, 2.0, 1.0, 2.0], [-np.inf, -np.inf, 3.0, -np.inf], [1.0, 1.0, 1.0, 1.0]])
    np.testing.assert_array_equal(best_items(scores, 2), [[1, 3], [2, NOBODY], [0, 1]])


def test_a_list_is_no_longer_than_the_catalogue():
    assert best_items(np.array([[1.0, 2.0]]), 5).tolist() == [[1, 0]]


def test_what_was_taken_is_shown_where_the_part_allows_it(task):
    fitted = Scored(task, lambda rows: task.matrix[rows].toarray())
    for row, items in enumerate(fitted.lists("all")):
        assert set(items) <= set(task.matrix[[row]].indices)
    for row, items in enumerate(fitted.lists("new")):
        assert not set(items) & set(task.matrix[[row]].indices)
