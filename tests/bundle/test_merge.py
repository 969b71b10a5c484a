import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.merge import filled, merge, rows_with_fewer


@st.composite
def source_lists(draw):
    """Draw S lists of B customers: distinct items in any order, then zeros; depths differ between sources."""
    count = draw(st.integers(0, 4))
    depths = draw(st.lists(st.integers(0, 5), min_size=1, max_size=4))
    # Items of a small catalogue are marked, those of a large one sorted.
    catalogue = st.sampled_from([*range(1, 10)] if draw(st.booleans()) else [1, 2, *range(9_000, 9_007)])
    one = st.lists(catalogue, unique=True, max_size=5)
    return [
        np.array([(draw(one) + [0] * 5)[:depth] for _ in range(count)], np.int32).reshape(count, depth)
        for depth in depths
    ]


@given(source_lists())
def test_the_merged_list_is_the_union_with_every_rank(lists):
    candidates = merge(lists)
    assert candidates.items.dtype == np.int32
    assert candidates.ranks.dtype == np.int16
    for row in range(len(lists[0])):
        proposals = [source[row].tolist() for source in lists]
        items = [item for item in candidates.items[row].tolist() if item]
        assert items == sorted({item for proposal in proposals for item in proposal if item})
        assert not candidates.items[row, len(items) :].any()
        for slot, item in enumerate(candidates.items[row].tolist()):
            expected = [proposal.index(item) if item and item in proposal else -1 for proposal in proposals]
            assert candidates.ranks[row, slot].tolist() == expected
            assert candidates.masks[row, slot] == sum(1 << n for n, rank in enumerate(expected) if rank >= 0)


@given(source_lists())
def test_no_column_is_wasted(lists):
    items = merge(lists).items
    assert items.shape[1] == max((np.count_nonzero(row) for row in items), default=0)


@given(source_lists(), st.data())
def test_filled_adds_items_that_nobody_proposed(lists, data):
    candidates = merge(lists)
    extra = np.array(
        [data.draw(st.lists(st.integers(0, 9), min_size=2, max_size=2)) for _ in candidates.items], np.int32
    ).reshape(-1, 2)
    more = filled(candidates, extra)
    width = candidates.items.shape[1]
    assert more.items[:, :width].tolist() == candidates.items.tolist()
    assert more.ranks[:, :width].tolist() == candidates.ranks.tolist()
    assert more.items[:, width:].tolist() == extra.tolist()
    assert not more.masks[:, width:].any()


def test_sources_that_propose_nothing_at_all_leave_no_candidates():
    for lists in ([np.zeros((2, 0), np.int32)] * 3, [np.zeros((2, 4), np.int32)] * 3):
        candidates = merge(lists)
        assert candidates.items.shape == (2, 0)
        assert candidates.ranks.shape == (2, 0, 3)
        assert candidates.masks.shape == (2, 0)


def test_rows_with_fewer_items_are_named_in_order():
    items = np.array([[3, 0, 0], [1, 2, 0], [0, 0, 0], [1, 2, 3]], np.int32)
    assert [rows_with_fewer(items, least).tolist() for least in (0.0, 1.0, 1.5, 4.0)] == [[], [2], [0, 2], [0, 1, 2, 3]]
