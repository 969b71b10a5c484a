"""An encoding grows at its ends: what was encoded before is encoded as before."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.errors import FeatureError
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.features.extend import extend_features
from shortlist_training.features.fit import MAX_VALUES, fit_features
from shortlist_training.features.table import encode_table

KINDS = {
    "town": ColumnKind.CATEGORY, "age": ColumnKind.NUMBER, "tags": ColumnKind.CATEGORIES, "title": ColumnKind.TEXT
}  # fmt: skip


def table(towns, ages, tags, titles=None):
    columns = {"town": towns, "age": ages, "tags": tags, "title": titles or ["a box"] * len(towns)}
    return pl.DataFrame(columns, schema={"town": str, "age": float, "tags": pl.List(str), "title": str})


BEFORE = fit_features(table(["ash", "ash", "elm", "elm", "elm"], [20, 30, 40, 50, None], [["a", "b"]] * 5), KINDS)


def test_new_values_come_last_and_old_ones_stay():
    grown = extend_features(BEFORE, table(["oak", "oak", "oak", "ash"], [10, 90, 30, 30], [["c", "a", "d"]] * 4))
    town, age, tags, title = (column.fit for column in grown.columns)
    assert town.values == ("elm", "ash", "oak")
    assert tags.values == ("a", "b", "c", "d")
    assert tags.width == 3
    before = BEFORE.columns[1].fit
    assert (age.mean, age.scale, age.low, age.high) == (before.mean, before.scale, 10.0, 90.0)
    assert title == BEFORE.columns[3].fit


def test_a_value_that_is_rare_stays_unseen():
    grown = extend_features(BEFORE, table(["oak", "ash"], [30, 30], [["a"]] * 2))
    assert grown.columns[0].fit.values == ("elm", "ash")


def test_there_is_no_room_beyond_the_most():
    rows = [f"v{number:05}" for number in range(MAX_VALUES + 50) for _ in range(2)]
    full = fit_features(pl.DataFrame({"town": rows}), {"town": ColumnKind.CATEGORY})
    grown = extend_features(full, pl.DataFrame({"town": ["oak", "oak"]}))
    assert grown == full


def test_a_number_that_said_nothing_is_fitted_anew():
    silent = fit_features(pl.DataFrame({"age": [None, None]}, schema={"age": float}), {"age": ColumnKind.NUMBER})
    grown = extend_features(silent, pl.DataFrame({"age": [100.0, 300.0]}))
    assert grown.columns[0].fit.mean == 200.0


def test_a_column_that_is_gone_is_named():
    with pytest.raises(FeatureError, match="'tags'"):
        extend_features(BEFORE, table(["ash"], [1], [["a"]]).drop("tags"))


towns = st.lists(st.sampled_from(["ash", "elm", "oak", "fir", None]), min_size=2, max_size=30)
"""At least two: their ages tell something then, and keep their scale."""


@given(before=towns, after=towns)
def test_whoever_was_known_is_encoded_as_before(before, after):
    def rows(towns):
        return table(towns, [float(n) for n in range(len(towns))], [[town] if town else [] for town in towns])

    old = fit_features(rows(before), KINDS)
    new = extend_features(old, rows(after))
    known = rows(before)
    first, second = (encode_table(FeatureEncoder(spec), known) for spec in (old, new))
    np.testing.assert_array_equal(first.numbers, second.numbers)
    for name, bag in first.bags.items():
        width, kept = bag.shape[1], second.bags[name]
        changed = kept[:, :width] != bag
        # Only what had no code of its own may have got one.
        assert (bag[changed] == 1).all()
        assert not kept[:, width:].any()
