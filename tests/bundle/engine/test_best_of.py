import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.engine import best_of
from shortlist_bundle.merge import Candidates

SCORE = st.sampled_from([-2.0, 0.0, 0.5, 0.5, 3.0])
ROW = st.lists(st.tuples(st.integers(1, 20), SCORE), min_size=0, max_size=6, unique_by=lambda pair: pair[0])


def candidates_of(rows, width):
    """Build candidates in the order given, padded with item 0, whose scores must not matter."""
    items, scores = np.zeros((len(rows), width), np.int32), np.full((len(rows), width), 99, np.float32)
    for number, row in enumerate(rows):
        items[number, : len(row)] = [item for item, _ in row]
        scores[number, : len(row)] = [score for _, score in row]
    ranks = np.where(items > 0, items % 3, -1)[..., None].astype(np.int16)
    return Candidates(items=items, ranks=ranks), scores


@given(st.lists(ROW, max_size=4), st.integers(1, 9), st.integers(0, 2))
def test_the_best_k_by_score_and_then_by_row(rows, k, padding):
    width = max(map(len, rows), default=0) + padding
    candidates, scores = candidates_of(rows, width)
    ranked = best_of(candidates, scores, k)
    assert ranked.items.shape == ranked.scores.shape == (len(rows), k)
    assert ranked.ranks.shape == (len(rows), k, 1)
    assert ranked.candidates.tolist() == [len(row) for row in rows]
    for number, row in enumerate(rows):
        best = sorted(row, key=lambda pair: (-pair[1], pair[0]))[:k]
        missing = k - len(best)
        assert ranked.items[number].tolist() == [item for item, _ in best] + [0] * missing
        assert ranked.scores[number].tolist() == [score for _, score in best] + [-np.inf] * missing
        assert ranked.ranks[number, :, 0].tolist() == [item % 3 for item, _ in best] + [-1] * missing
