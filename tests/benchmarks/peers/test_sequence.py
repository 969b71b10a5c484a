from dataclasses import replace

import numpy as np
import pytest
from benchmarks.peers.sequence import newest_items, successors


@pytest.fixture
def log(task):
    """One customer takes A, B, C in this order, another B, then C."""
    return replace(
        task, customers=["x", "y"], items=["A", "B", "C"], owners=np.array([0, 0, 0, 1, 1]),
        taken=np.array([0, 1, 2, 1, 2]), times=np.arange(5.0),
    )  # fmt: skip


def test_what_follows_sooner_counts_more(log):
    """B follows A once at the next step; C follows A after two, B twice at the next: over roots of counts 1, 2, 2."""
    expected = np.array([[0, 1 / np.sqrt(2), 0.85 / np.sqrt(2)], [0, 0, 2 / 2], [0, 0, 0]])
    np.testing.assert_allclose(successors(log).toarray(), expected)


def test_the_newest_item_weighs_most(log):
    np.testing.assert_allclose(newest_items(log).toarray(), [[0.81, 0.9, 1.0], [0.0, 0.9, 1.0]])
