"""Numbers stand for ids: the same one for the same id, and all that is counted by them is right."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shortlist_training.log.id_codes import IdCodes

ids = st.lists(st.sampled_from(["a", "b", "ab", "1", "01", " ", "ä"]), max_size=30)


@given(ids)
def test_equal_codes_are_equal_ids(texts):
    coded = IdCodes.of(pl.Series(texts, dtype=pl.String))
    of = dict(zip(coded.numbers.tolist(), coded.distinct.to_list(), strict=True))
    assert [of[code] for code in coded.codes.tolist()] == texts
    assert len(coded) == len(of) == len(set(texts))


@given(ids)
def test_counts_and_translation_go_by_distinct_id(texts):
    coded = IdCodes.of(pl.Series(texts, dtype=pl.String))
    assert dict(zip(coded.distinct, coded.counts().tolist(), strict=True)) == {one: texts.count(one) for one in texts}
    lengths = np.array([len(text) for text in coded.distinct], np.int32)
    assert coded.translated(lengths).tolist() == [len(text) for text in texts]


def test_numbers_are_not_shared_with_other_columns():
    other = pl.Series([f"id-{number}" for number in range(1000)]).cast(pl.Categorical)
    assert IdCodes.of(pl.Series(["x", "y"])).numbers.max() < 2, other.dtype
