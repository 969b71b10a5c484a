"""The order of every list, whatever the scores and however the items stand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.sources.top import best_places

SCORES = st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45, 3e38, -3e38, np.inf, 0.1, 0.10000001])


@given(st.lists(st.tuples(st.integers(1, 2**31 - 1), SCORES), unique_by=lambda pair: pair[0], max_size=40),
       st.integers(0, 50))  # fmt: skip
def test_the_best_come_by_falling_score_and_then_by_rising_row(pairs, depth):
    items = np.array([item for item, _ in pairs], np.int32)
    scores = np.array([score for _, score in pairs], np.float32)
    assert best_places(items, scores, depth).tolist() == np.lexsort((items, -scores))[:depth].tolist()


@pytest.mark.parametrize("rising", [True, False])
@pytest.mark.parametrize("length", [199, 601, 5_000])
def test_long_lists_with_many_equals_come_in_the_same_order(length, rising):
    random = np.random.default_rng(length)
    items = 1 + random.permutation(300_000)[:length].astype(np.int32)
    items = np.sort(items) if rising else items
    scores = random.integers(-20, 20, length).astype(np.float32)
    assert best_places(items, scores, 200).tolist() == np.lexsort((items, -scores))[:200].tolist()
