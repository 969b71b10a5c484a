"""The flat table that finds ids: every id comes back, nobody else does, and a table that lies is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle import id_table
from shortlist_bundle.errors import VocabularyError
from shortlist_bundle.id_table import LONGEST, IdTable, size_of, table_of
from shortlist_bundle.vocabulary import Vocabulary

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def read_only(array):
    array.flags.writeable = False
    return array


def arrays_of(ids):
    arrays = Vocabulary(ids).to_arrays()
    return arrays["bytes"], arrays["offsets"]


@given(st.lists(TEXT, max_size=40), st.lists(TEXT, max_size=20))
def test_every_id_is_found_in_its_row_and_nobody_else_is(ids, others):
    text, borders = arrays_of(ids)
    table = table_of(text, borders)
    table.check(text, borders)
    assert table.rows(text, borders, text, borders).tolist() == list(range(1, len(set(ids)) + 1))
    strangers, begins = arrays_of([other for other in others if other not in ids])
    assert not table.rows(text, borders, strangers, begins).any()


def test_one_id_is_found_as_many_are():
    ids = [f"item {number}" for number in range(500)]
    vocabulary = Vocabulary(ids)
    asked = [*ids, "", "item", "item 500", "x" * 300, "é", "\ud800"]
    assert vocabulary.rows(asked).tolist() == [vocabulary.row(id) for id in asked]
    assert vocabulary.rows([]).shape == (0,)


def test_ids_in_any_writing_come_back_from_their_rows():
    ids = ["abc", "é", "日本", "z\x00", "🎈"]
    vocabulary = Vocabulary(ids)
    rows = vocabulary.rows(ids)
    assert vocabulary.ids(rows) == ids
    assert vocabulary.ids(rows[:1]) == ["abc"]
    assert [vocabulary.id(int(row)) for row in rows] == ids
    assert vocabulary.ids([0, 1, 0]) == ["", "abc", ""]
    for rows in ([6], [-1]):
        with pytest.raises(IndexError, match=str(rows[0])):
            vocabulary.ids(rows)


def test_the_same_ids_make_the_same_table_and_half_of_it_stays_empty():
    text, borders = arrays_of(str(number) for number in range(3000))
    one, other = table_of(text, borders), table_of(text, borders)
    np.testing.assert_array_equal(one.slots, other.slots)
    assert one.seed == other.seed == 0
    assert len(one.slots) == size_of(3000) == 8192
    assert np.count_nonzero(one.slots) == 3000


def test_ids_that_were_made_to_collide_get_another_hash(monkeypatch):
    # What a forger could do for one seed: here every id of the first seed falls into the same slot.
    original, tried = id_table._fill, []

    def crowded(text, borders, slots, start):
        tried.append(start)
        return LONGEST + 1 if len(tried) < 3 else original(text, borders, slots, start)

    monkeypatch.setattr(id_table, "_fill", crowded)
    text, borders = arrays_of(["a", "b", "c"])
    table = table_of(text, borders)
    assert table.seed == 2
    assert len(set(tried)) == 3
    table.check(text, borders)


def lies():
    """Yield what a table could be that somebody else has made."""
    good = table_of(*arrays_of("abcdef")).slots
    taken, empty = np.flatnonzero(good), np.flatnonzero(good == 0)
    for change in (
        {taken[0]: 7},
        {taken[0]: 2**31 - 1},
        {taken[0]: -1},
        {taken[0]: -(2**31)},
        {taken[0]: 0},
        {taken[0]: good[taken[1]]},
        {empty[0]: 1},
        dict.fromkeys(range(len(good)), 1),  # full: a search would never end
        {taken[0]: good[taken[1]], taken[1]: good[taken[0]]} if taken[1] - taken[0] > 1 else {taken[0]: 0},
    ):
        slots = good.copy()
        for place, row in change.items():
            slots[place] = row
        yield slots, 0
    yield good, 1
    yield good, 16
    yield good, -1
    yield good[:-1].copy(), 0
    yield np.concatenate([good, good]), 0
    yield good.reshape(2, -1), 0
    yield good.astype(np.int64), 0
    yield good.astype(np.float32), 0


@pytest.mark.parametrize(("slots", "seed"), list(lies()))
def test_a_table_that_lies_is_refused(slots, seed):
    text, borders = arrays_of("abcdef")
    with pytest.raises(VocabularyError, match="id table"):
        Vocabulary.from_arrays({"bytes": text, "offsets": borders}, IdTable(read_only(slots), seed))


def test_the_table_of_these_ids_is_accepted():
    text, borders = arrays_of("abcdef")
    arrays = {"bytes": text, "offsets": borders}
    assert Vocabulary.from_arrays(arrays, table_of(text, borders)) == Vocabulary("abcdef")
