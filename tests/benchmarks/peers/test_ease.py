from dataclasses import replace

import numpy as np
import pytest
from benchmarks.peers.ease import MOST_ITEMS, closed_form, ease
from benchmarks.peers.task import PeerError
from scipy import sparse

TAKEN = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1], [1, 0, 0]], np.float32)


def test_its_weights_are_the_closed_form():
    inverse = np.linalg.inv(TAKEN.T @ TAKEN + 2 * np.eye(3))
    expected = np.array([[0 if i == j else -inverse[i, j] / inverse[j, j] for j in range(3)] for i in range(3)])
    np.testing.assert_allclose(closed_form(sparse.csr_matrix(TAKEN), 2.0), expected, rtol=1e-5)


def test_each_column_is_the_ridge_regression_of_an_item_on_the_others():
    weights = closed_form(sparse.csr_matrix(TAKEN), 2.0)
    for item in range(3):
        others = np.delete(TAKEN, item, axis=1)
        ridge = np.linalg.solve(others.T @ others + 2 * np.eye(2), others.T @ TAKEN[:, item])
        np.testing.assert_allclose(np.delete(weights[:, item], item), ridge, rtol=1e-5)


def test_it_refuses_a_catalogue_that_is_too_large(task):
    with pytest.raises(PeerError, match="20,000"):
        ease(replace(task, items=[str(n) for n in range(MOST_ITEMS + 1)]), 0)
