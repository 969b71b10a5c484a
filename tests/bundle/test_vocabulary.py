import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.errors import VocabularyError
from shortlist_bundle.vocabulary import Vocabulary

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
IDS = st.lists(TEXT, max_size=30)


@given(IDS)
def test_every_id_comes_back_from_its_row(ids):
    vocabulary = Vocabulary(ids)
    assert len(vocabulary) == len(set(ids)) + 1
    assert vocabulary.ids(vocabulary.rows(ids)) == ids
    assert sorted(vocabulary.row(id) for id in set(ids)) == list(range(1, len(vocabulary)))


@given(IDS)
def test_arrays_hold_the_whole_vocabulary(ids):
    vocabulary = Vocabulary(ids)
    again = Vocabulary.from_arrays(vocabulary.to_arrays())
    assert again == vocabulary
    assert again.ids(range(len(again))) == vocabulary.ids(range(len(vocabulary)))


@given(IDS, st.randoms())
def test_the_order_of_the_ids_does_not_matter(ids, random):
    shuffled = random.sample(ids, len(ids))
    assert Vocabulary(shuffled) == Vocabulary(ids)


def test_rows_follow_the_sorted_text():
    vocabulary = Vocabulary(["pear", "apple", "zucchini", "apple"])
    rows = vocabulary.rows(["apple", "pear", "zucchini", "nobody"])
    assert rows.dtype == np.int32
    assert rows.tolist() == [1, 2, 3, 0]


def test_unknown_ids_share_row_zero():
    vocabulary = Vocabulary(["a"])
    assert vocabulary.row("b") == 0
    assert vocabulary.id(0) == ""
    assert "a" in vocabulary
    assert "b" not in vocabulary
    assert "" not in vocabulary


@pytest.mark.parametrize("row", [-1, 2])
def test_a_row_outside_the_matrix_is_an_error(row):
    with pytest.raises(IndexError, match=str(row)):
        Vocabulary(["a"]).id(row)


@pytest.mark.parametrize("ids", [[""], ["a", ""], ["a\ud800"]])
def test_ids_that_cannot_be_kept_are_refused(ids):
    with pytest.raises(VocabularyError):
        Vocabulary(ids)


def arrays(text: bytes, offsets: list[int]):
    return {"bytes": np.frombuffer(text, np.uint8), "offsets": np.array(offsets, np.int64)}


@pytest.mark.parametrize(
    "damaged",
    [
        arrays(b"ab", [0, 2, 1, 2]),
        arrays(b"ab", [1, 2]),
        arrays(b"ab", [0, 1]),
        arrays(b"ab", [0, 3]),
        arrays(b"ba", [0, 1, 2]),
        arrays(b"aa", [0, 1, 2]),
        arrays(b"a", [0, 0, 1]),
        arrays("é".encode(), [0, 1, 2]),
        arrays(b"\xff", [0, 1]),
        arrays(b"", []),
        {"bytes": np.zeros(1, np.uint8)},
        {"bytes": np.zeros(1, np.int32), "offsets": np.array([0, 1], np.int64)},
        {"bytes": np.zeros(1, np.uint8), "offsets": np.array([0, 1], np.int32)},
    ],
)
def test_damaged_arrays_are_refused(damaged):
    with pytest.raises(VocabularyError):
        Vocabulary.from_arrays(damaged)
