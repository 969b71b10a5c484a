import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.sources.scoreboard import SharedScores, SparseScores
from shortlist_bundle.spare_places import hand_on

ITEMS = 30


def everybody(count):
    """Return a source that has every item for everybody, the lower rows first."""
    order = np.arange(1, ITEMS + 1, dtype=np.int32)
    table = np.concatenate([[0], -order]).astype(np.float32)
    return SharedScores(groups=np.zeros(count, np.int64), table=table[None], orders=order[None])


def own(items):
    """Return a source that has only each customer's own items, the higher rows first."""
    pairs = [(row * (ITEMS + 1) + item, item) for row, those in enumerate(items) for item in sorted(those)]
    keys, scores = np.array(pairs, np.int64).reshape(-1, 2).T
    return SparseScores(count=len(items), width=ITEMS + 1, keys=keys, scores=scores.astype(np.float32))


def asked(boards, depths, allowed):
    lists = {name: board.best(depths[name], allowed)[0] for name, board in boards.items()}
    return lists, hand_on(lists, boards, allowed)


def allowing(count, *, but=()):
    allowed = np.ones((count, ITEMS + 1), np.bool_)
    allowed[:, list(but)] = False
    return allowed


def proposals(lists, name, row):
    return [item for item in lists[name][row].tolist() if item]


def test_of_a_stranger_popularity_proposes_in_the_place_of_those_who_know_nothing():
    boards = {"own_past": own([[]]), "popularity": everybody(1)}
    _, lists = asked(boards, {"own_past": 12, "popularity": 4}, allowing(1, but=[2]))
    assert proposals(lists, "popularity", 0) == [1, *range(3, 18)]
    assert proposals(lists, "own_past", 0) == []


def test_places_are_shared_as_they_were():
    boards = {"own_past": own([[]]), "popularity": everybody(1), "other": everybody(1)}
    _, lists = asked(boards, {"own_past": 12, "popularity": 4, "other": 2}, allowing(1))
    assert len(proposals(lists, "popularity", 0)) == 12
    assert len(proposals(lists, "other", 0)) == 6


def test_a_shortlist_that_is_not_thin_stays_as_it_is():
    boards = {"own_past": own([range(1, 11)]), "popularity": everybody(1)}
    before, lists = asked(boards, {"own_past": 12, "popularity": 4}, allowing(1))
    assert lists is before


def test_nobody_has_more():
    boards = {"own_past": own([[3]])}
    before, lists = asked(boards, {"own_past": 12}, allowing(1))
    assert lists is before


@given(st.lists(st.lists(st.integers(1, ITEMS), unique=True, max_size=12), min_size=1, max_size=5), st.data())
def test_a_customer_gets_the_same_alone_as_among_others(pasts, data):
    boards = {"own_past": own(pasts), "popularity": everybody(len(pasts))}
    depths = {"own_past": data.draw(st.integers(0, 12)), "popularity": data.draw(st.integers(0, 12))}
    allowed = allowing(len(pasts), but=data.draw(st.lists(st.integers(1, ITEMS), max_size=ITEMS)))
    before, together = asked(boards, depths, allowed)
    for row, past in enumerate(pasts):
        _, alone = asked({"own_past": own([past]), "popularity": everybody(1)}, depths, allowed[row : row + 1])
        for name in boards:
            assert proposals(together, name, row) == proposals(alone, name, 0)
            # What a source proposed it still proposes, with more behind it.
            assert proposals(together, name, row)[: depths[name]] == proposals(before, name, row)
            assert allowed[row, proposals(together, name, row)].all()
