"""Catalogues in which a customer's past reaches a small part, and all of it."""

import numpy as np
import pytest
from arrays import batch_of
from scipy import sparse

from shortlist_bundle.signals.past import Past
from shortlist_bundle.sources.item_cf import HISTORY_ITEMS, ItemCf

ITEMS = 4000


@pytest.mark.parametrize("own", [0, 3, 30, 400])
@pytest.mark.parametrize("degree", [2, 60])
def test_the_sums_are_those_of_the_matrix_product(own, degree):
    random = np.random.default_rng(own + degree)
    width, count = ITEMS + 1, 3
    matrix = sparse.random_array((width, width), density=degree / width, rng=random, dtype=np.float32, format="csr")
    things = [np.sort(random.choice(np.arange(1, width), own, replace=False)) for _ in range(count)]
    keys = np.concatenate([row * width + mine for row, mine in enumerate(things)]).astype(np.int64)
    counts = random.random(len(keys)).astype(np.float32) + np.float32(0.1)
    nothing = np.zeros(len(keys), np.float32)
    past = Past(width=width, keys=keys, counts=counts, decayed=counts[:, None], since=nothing, gap=nothing)
    source = ItemCf(indptr=matrix.indptr.astype(np.int64), neighbours=matrix.indices, weights=matrix.data, mix=(1.0,))
    board = source.scoreboard(batch_of([[]] * count), past)
    expected = np.zeros((count, width))
    for row in range(count):
        mine = counts[keys // width == row]
        strongest = np.argsort(-mine)[:HISTORY_ITEMS]
        expected[row] = np.sqrt(mine[strongest]) @ matrix.toarray()[things[row][strongest]]
    assert (np.diff(board.keys) > 0).all()
    np.testing.assert_array_equal(board.keys, np.flatnonzero(expected))
    np.testing.assert_allclose(board.scores, expected.ravel()[board.keys], rtol=1e-4)
