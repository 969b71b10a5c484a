import numpy as np
import pytest
from arrays import ROWS, batch_of, histories
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.sources import item_cf as item_cf_module
from shortlist_bundle.sources.item_cf import ItemCf
from shortlist_bundle.sources.own_past import OwnPast

HALF_LIVES = (5.0, float("inf"))
SIMILAR = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0.5, 0.25, 0, 0, 0],
        [0, 0.5, 0, 0, 0.125, 0, 0],
        [0, 0.25, 0, 0, 0, 0, 0],
        [0, 0, 0.125, 0, 0, 1.0, 0],
        [0, 0, 0, 0, 1.0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ],
    np.float32,
)
WIDTH = len(SIMILAR)


def past_of(rows, now=20.0):
    table = histories(rows)
    return sum_up(table, np.full(len(rows), now), HALF_LIVES, things=table.items, width=WIDTH)


def item_cf(mix=(0.5, 0.5)):
    row, column = np.nonzero(SIMILAR)
    return ItemCf(
        indptr=np.searchsorted(row, np.arange(WIDTH + 1)).astype(np.int64),
        neighbours=column.astype(np.int32),
        weights=SIMILAR[row, column],
        mix=mix,
    )


def every_item(count):
    return np.tile(np.arange(WIDTH, dtype=np.int32), (count, 1))


@given(ROWS, st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_own_past_mixes_the_decayed_counts(rows, mix):
    scores = OwnPast(mix=mix).scoreboard(batch_of(rows), past_of(rows)).at(every_item(len(rows)))
    expected = np.zeros((len(rows), WIDTH))
    for customer, row in enumerate(rows):
        for item, time, _ in row:
            expected[customer, item] += item > 0 and mix[0] * 0.5 ** ((20 - time) / 5) + mix[1]
    assert scores == pytest.approx(expected, abs=1e-5)


@given(rows=ROWS)
def test_item_cf_sums_the_similarities_of_the_roots_of_the_strengths(rows):
    scores = item_cf().scoreboard(batch_of(rows), past_of(rows)).at(every_item(len(rows)))
    strength = np.zeros((len(rows), WIDTH))
    for customer, row in enumerate(rows):
        for item, time, _ in row:
            strength[customer, item] += item > 0 and 0.5 * 0.5 ** ((20 - time) / 5) + 0.5
    assert scores == pytest.approx(np.sqrt(strength) @ SIMILAR, abs=1e-5)


def test_item_cf_proposes_neighbours_of_what_was_taken():
    board = item_cf(mix=(0.0, 1.0)).scoreboard(
        batch_of([[(1, 3)], [], [(4, 3), (6, 4)]]), past_of([[(1, 3)], [], [(4, 3), (6, 4)]])
    )
    items, scores = board.best(3, np.ones((3, WIDTH), np.bool_))
    assert items.tolist() == [[2, 3, 0], [0, 0, 0], [5, 2, 0]]
    assert scores[0].tolist() == [0.5, 0.25, -np.inf]


def test_newer_items_count_more():
    board = item_cf(mix=(1.0, 0.0)).scoreboard(batch_of([[(4, 0), (1, 20)]]), past_of([[(4, 0), (1, 20)]]))
    items, _ = board.best(2, np.ones((1, WIDTH), np.bool_))
    assert items.tolist() == [[2, 3]]


def test_only_the_strongest_items_of_a_long_past_have_a_say(monkeypatch):
    monkeypatch.setattr(item_cf_module, "HISTORY_ITEMS", 2)
    rows = [[(1, 0), (3, 1), (2, 2), (2, 3)], [(1, 5)], [(4, 1), (5, 1), (1, 1)]]
    scores = item_cf(mix=(0.0, 1.0)).scoreboard(batch_of(rows), past_of(rows)).at(every_item(3))
    # The first keeps item 2, taken twice, and item 1, first among equals; the third items 1 and 4.
    assert scores[0] == pytest.approx(np.sqrt(2) * SIMILAR[2] + SIMILAR[1])
    assert scores[1] == pytest.approx(SIMILAR[1])
    assert scores[2] == pytest.approx(SIMILAR[1] + SIMILAR[4])


def test_similar_lists_the_neighbours_of_one_item():
    rows, weights = item_cf().similar(2)
    assert dict(zip(rows.tolist(), weights.tolist(), strict=True)) == {1: 0.5, 4: 0.125}
    assert len(item_cf().similar(6)[0]) == 0
    assert len(item_cf().similar(0)[0]) == 0
