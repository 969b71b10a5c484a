import numpy as np
import pytest
from arrays import ROWS, batch_of
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.sources.newest import Newest

WIDTH = 7
WEIGHTS = np.random.default_rng(0).normal(size=(WIDTH, WIDTH)).astype(np.float32)
WEIGHTS[np.random.default_rng(1).random((WIDTH, WIDTH)) < 0.4] = 0
WEIGHTS[0] = WEIGHTS[:, 0] = 0


def newest(*, length=20, fade=0.5, by_moment=False):
    row, column = np.nonzero(WEIGHTS)
    return Newest(
        indptr=np.searchsorted(row, np.arange(WIDTH + 1)).astype(np.int64),
        neighbours=column.astype(np.int32),
        weights=WEIGHTS[row, column],
        length=length,
        fade=fade,
        by_moment=by_moment,
    )


def board_of(source, rows):
    batch = batch_of(rows)
    past = sum_up(batch.history, batch.now, (1.0,), things=batch.history.items, width=WIDTH)
    return source.scoreboard(batch, past)


def slowly(row, *, length, fade, by_moment):
    """Say how much each item of one history counts, the newest taking first."""
    voices, step = {}, 0
    for age, (item, time, *_) in enumerate(reversed(row[-length:])):
        step += age > 0 and not (by_moment and time == row[len(row) - age][1])
        if item:
            voices.setdefault(item, fade**step)
    return voices


@given(ROWS, st.integers(1, 8), st.sampled_from([0.5, 0.9, 1.0]), st.booleans())
def test_the_scores_are_those_of_a_dictionary(rows, length, fade, by_moment):
    board = board_of(newest(length=length, fade=fade, by_moment=by_moment), rows)
    expected = np.zeros((len(rows), WIDTH))
    for number, row in enumerate(rows):
        for item, count in slowly(row, length=length, fade=fade, by_moment=by_moment).items():
            expected[number] += count * WEIGHTS[item]
    every = np.tile(np.arange(WIDTH, dtype=np.int32), (len(rows), 1))
    assert board.at(every) == pytest.approx(expected, abs=1e-5)


def test_only_the_newest_have_a_say():
    rows = [[(1, 1.0), (2, 2.0), (3, 3.0)]]
    every = np.arange(WIDTH, dtype=np.int32)[None]
    assert board_of(newest(length=1), rows).at(every)[0] == pytest.approx(WEIGHTS[3])


def test_what_was_taken_at_one_moment_counts_alike():
    rows = [[(1, 1.0), (2, 5.0), (3, 5.0)]]
    every = np.arange(WIDTH, dtype=np.int32)[None]
    together = board_of(newest(by_moment=True), rows).at(every)[0]
    assert together == pytest.approx(WEIGHTS[2] + WEIGHTS[3] + 0.5 * WEIGHTS[1], abs=1e-6)


def test_a_negative_sum_is_ranked_behind_a_positive_one():
    board = board_of(newest(), [[(4, 1.0)]])
    items, scores = board.best(WIDTH, np.ones((1, WIDTH), np.bool_))
    found = scores[0][items[0] > 0]
    assert (np.diff(found) <= 0).all()
    assert set(items[0][items[0] > 0]) == set(np.flatnonzero(WEIGHTS[4]))
