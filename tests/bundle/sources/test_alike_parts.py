"""What the neighbours tell, shared among the items that make them neighbours."""

import numpy as np
import pytest
from arrays import ROWS, batch_of
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.contributions import Contributes
from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.sources.alike import Takers
from shortlist_bundle.sources.user_cf import UserCf

WIDTH = 7
EVERYBODY = [[(1, 2.0), (2, 1.0)], [(1, 1.0), (3, 4.0)], [(4, 1.0), (5, 1.0), (6, 3.0)], [(2, 1.0), (6, 1.0)]]
"""What each of four customers, rows 1 to 4, has taken: (item, amount)."""


def source(*, neighbours=50, focus=1.0, length=20, fade=0.5, most=100):
    takers = Takers(
        customers=np.arange(1, 5, dtype=np.int32),
        offsets=np.cumsum([0, *map(len, EVERYBODY)]).astype(np.int64),
        items=np.array([item for person in EVERYBODY for item, _ in person], np.int32),
        amounts=np.array([amount for person in EVERYBODY for _, amount in person], np.float32),
        rarity=np.full(WIDTH, 0.7, np.float32),
        most=most,
    )
    return UserCf(takers=takers, neighbours=neighbours, focus=focus, length=length, fade=fade, by_moment=False)


def asked(rows, listed, own=0):
    batch = batch_of(rows, customers=[own] * len(rows))
    past = sum_up(batch.history, batch.now, (1.0,), things=batch.history.items, width=WIDTH)
    return batch, past, np.tile(np.array(listed, np.int32), (len(rows), 1))


@given(
    ROWS,
    st.lists(st.integers(0, WIDTH - 1), min_size=1, max_size=8),
    st.sampled_from([1.0, 3.0]),
    st.sampled_from([1, 2, 50]),
    st.sampled_from([1, 100]),
    st.integers(0, 4),
)
def test_the_history_adds_up_to_the_board_s_scores(rows, listed, focus, neighbours, most, own):
    found = source(focus=focus, neighbours=neighbours, most=most)
    batch, past, items = asked(rows, listed, own)
    parts = found.contributions(batch, past, items)
    assert parts.totals() == pytest.approx(found.scoreboard(batch, past).at(items), abs=1e-5)
    assert (parts.amounts >= 0).all()


def test_an_item_is_owed_to_what_the_neighbour_shares_with_the_customer():
    """Item 3 is told by the second customer alone, who shares item 1 and not item 4 or 5."""
    found = source()
    assert isinstance(found, Contributes)
    batch, past, items = asked([[(4, 0), (1, 1), (5, 2)]], [3])
    parts = found.contributions(batch, past, items)
    assert (parts.keys % WIDTH).tolist() == [1, 4, 5]
    assert (parts.amounts[:, 0] > 0).tolist() == [True, False, False]
