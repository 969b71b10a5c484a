import numpy as np
import polars as pl
import pytest

from shortlist_bundle.errors import FeatureError
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.spec import NumberFit, TextFit, ValuesFit
from shortlist_training.features.fit import fit_features


def fit(kind: ColumnKind, values, **options):
    table = pl.DataFrame({"x": pl.Series(values, strict=False)})
    return fit_features(table, {"x": kind}, **options).columns[0].fit


def test_mean_and_scale_of_a_plain_column():
    learnt = fit(ColumnKind.NUMBER, [1.0, 1.0, 3.0, 3.0, None, float("nan")])
    assert learnt == NumberFit(mean=2.0, scale=1.0, low=1.0, high=3.0)


def test_one_huge_value_does_not_flatten_the_rest():
    learnt = fit(ColumnKind.NUMBER, [float(n % 10) for n in range(1000)] + [1e300])
    assert 4 < learnt.mean < 5
    assert 2 < learnt.scale < 4
    assert learnt.high == 1e300


def test_a_constant_column_has_scale_one():
    assert fit(ColumnKind.NUMBER, [0.1] * 1001).scale == 1.0
    assert fit(ColumnKind.NUMBER, [7]) == NumberFit(mean=7.0, scale=1.0, low=7.0, high=7.0)


def test_a_column_of_which_nothing_is_known_teaches_nothing():
    assert fit(ColumnKind.NUMBER, [None, None]) == NumberFit(mean=0.0, scale=1.0, low=0.0, high=0.0)


def test_a_nearly_constant_column_still_has_a_spread():
    learnt = fit(ColumnKind.NUMBER, [0.0] * 999 + [1.0])
    assert 0 < learnt.scale < 0.1


def test_a_rare_flag_keeps_its_share():
    learnt = fit(ColumnKind.FLAG, [False] * 999 + [True])
    assert learnt.mean == pytest.approx(0.001)
    assert learnt.scale == pytest.approx((0.001 * 0.999) ** 0.5)


def test_times_are_learnt_in_seconds():
    days = pl.Series(["1970-01-02", "1970-01-04"]).str.to_date()
    learnt = fit(ColumnKind.TIME, days)
    assert (learnt.mean, learnt.scale, learnt.low) == (2 * 86400.0, 86400.0, 86400.0)


def test_values_are_ordered_by_count_then_text_and_the_rare_ones_left_out():
    learnt = fit(ColumnKind.CATEGORY, ["b", "b", "a", "a", "c", "c", "c", "once", None, ""])
    assert learnt == ValuesFit(values=("c", "a", "b"))
    assert fit(ColumnKind.CATEGORY, ["b", "b", "a", "a"], max_values=1).values == ("a",)
    assert fit(ColumnKind.CATEGORY, ["x"], min_count=1).values == ("x",)


def test_lists_count_a_value_once_a_row_and_set_the_width():
    learnt = fit(ColumnKind.CATEGORIES, [["a", "a"], ["a", "b", "c"], None, ["b"]])
    assert learnt == ValuesFit(values=("a", "b"), width=3)
    assert fit(ColumnKind.CATEGORIES, [[str(n) for n in range(40)]]).width == 16
    assert fit(ColumnKind.CATEGORIES, [[], None]).width == 1


def test_texts_are_hashed_as_told():
    assert fit(ColumnKind.TEXT, ["some words"], text=TextFit(buckets=8)) == TextFit(buckets=8)


def test_the_order_of_rows_does_not_matter():
    random = np.random.default_rng(7)
    table = pl.DataFrame({"n": random.lognormal(size=500), "c": random.integers(0, 40, 500).astype(str)})
    kinds = {"n": ColumnKind.NUMBER, "c": ColumnKind.CATEGORY}
    shuffled = table[random.permutation(500).tolist()]
    assert fit_features(shuffled, kinds) == fit_features(table, kinds)


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(FeatureError, match=r"'y'.*has x"):
        fit_features(pl.DataFrame({"x": [1]}), {"y": ColumnKind.NUMBER})
    with pytest.raises(FeatureError, match=r"'x'.*'abc'"):
        fit(ColumnKind.NUMBER, ["abc"])
