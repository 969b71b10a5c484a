import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pytest

from shortlist_bundle.errors import BundleIncompatible, FeatureError
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.spec import ColumnSpec, FeatureSpec, NumberFit, TextFit, ValuesFit
from shortlist_bundle.features.words import codes, words

UNIT = NumberFit(mean=0.0, scale=1.0, low=-1e12, high=1e12)


def encoder(*columns: ColumnSpec) -> FeatureEncoder:
    return FeatureEncoder(FeatureSpec(columns))


def encode_one(kind, fit, values):
    return encoder(ColumnSpec("x", kind, fit)).encode({"x": values}, len(values))


def numbers(kind, fit, values):
    return encode_one(kind, fit, values).numbers.tolist()


def bag(kind, fit, values):
    return encode_one(kind, fit, values).bags["x"].tolist()


@pytest.mark.parametrize("kind", [ColumnKind.CATEGORY, ColumnKind.CATEGORIES])
def test_a_whole_number_is_one_category_however_it_is_written(kind):
    fit = ValuesFit(values=("2", "1.5", "v", "3.0", "3"))
    same = [2, 2.0, "2", "2.0", " 2.0 ", np.float32(2)]
    assert bag(kind, fit, same) == [[2]] * len(same)
    assert bag(kind, fit, ["2.0", "1.5", "v.0", "3.0", "3", 3.0]) == [[2], [3], [1], [5], [6], [6]]


def test_numbers_by_hand():
    fit = NumberFit(mean=10.0, scale=2.0, low=0.0, high=14.0)
    raw = [10, 12.0, None, float("nan"), 13, 1000, -1000, Decimal("11"), np.float32(9), True]
    assert numbers(ColumnKind.NUMBER, fit, raw) == [
        [0, 0],
        [1, 0],
        [0, 1],
        [0, 1],
        [1.5, 0],
        [2, 0],
        [-5, 0],
        [0.5, 0],
        [-0.5, 0],
        [-4.5, 0],
    ]


def test_numbers_stay_within_five_scales():
    fit = NumberFit(mean=0.0, scale=1e-300, low=-1e300, high=1e300)
    assert numbers(ColumnKind.NUMBER, fit, [1e300, -1e300]) == [[5, 0], [-5, 0]]


def test_flags_by_hand():
    fit = NumberFit(mean=0.5, scale=0.5, low=0.0, high=1.0)
    assert numbers(ColumnKind.FLAG, fit, [True, 0, 1.0, None]) == [[1, 0], [-1, 0], [1, 0], [0, 1]]
    assert numbers(ColumnKind.FLAG, fit, ["Yes", " n", "1", "", "FALSE"]) == [[1, 0], [-1, 0], [1, 0], [0, 1], [-1, 0]]


def test_times_are_seconds_in_utc_however_they_are_written():
    noon = datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)
    same = [
        1e9,
        noon,
        noon.replace(tzinfo=None),
        noon.astimezone(timezone(timedelta(hours=5))),
        "2001-09-09T01:46:40Z",
        "2001-09-09T03:46:40+02:00",
        np.datetime64("2001-09-09T01:46:40", "ns"),
    ]
    fit = NumberFit(mean=1e9 - 3, scale=1.0, low=0.0, high=2e9)
    assert numbers(ColumnKind.TIME, fit, same) == [[3, 0]] * len(same)
    day = NumberFit(mean=0.0, scale=86400.0, low=-1e9, high=1e9)
    assert numbers(ColumnKind.TIME, day, [date(1970, 1, 3), "1969-12-31", "", None]) == [
        [2, 0],
        [-1, 0],
        [0, 1],
        [0, 1],
    ]


def test_categories_of_one_by_hand():
    fit = ValuesFit(values=("red", "3", "true"))
    raw = ["red", "blue", None, "", 3, 3.0, "3", True, float("nan"), "Red", np.int64(3), " red "]
    assert bag(ColumnKind.CATEGORY, fit, raw) == [[c] for c in (2, 1, 0, 0, 3, 3, 3, 4, 0, 1, 3, 2)]


def test_lists_of_categories_by_hand():
    fit = ValuesFit(values=("a", "b", "c"), width=2)
    raw = [["b", "a"], ["x", "c"], ["x", "y"], ["a", "b", "c"], [], None, "b", ("b", "b"), [None, "c"], np.array(["a"])]
    assert bag(ColumnKind.CATEGORIES, fit, raw) == [
        [3, 2],
        [4, 1],
        [1, 0],
        [2, 3],
        [0, 0],
        [0, 0],
        [3, 0],
        [3, 0],
        [4, 0],
        [2, 0],
    ]


def test_a_plain_column_of_categories_is_stripped_too():
    assert bag(ColumnKind.CATEGORY, ValuesFit(values=("red",)), [" red ", " ", "red", None]) == [[2], [0], [2], [0]]


def test_a_list_may_be_written_as_one_text():
    fit = ValuesFit(values=("a", "b c"), width=2)
    assert bag(ColumnKind.CATEGORIES, fit, ["b c | a", "a|", "|", ["a|b c"]]) == [[3, 2], [2, 0], [0, 0], [1, 0]]


def test_only_the_first_64_of_a_list_are_looked_at():
    fit = ValuesFit(values=("a",), width=2)
    assert bag(ColumnKind.CATEGORIES, fit, [["x"] * 64 + ["a"], ["x"] * 63 + ["a"]]) == [[1, 0], [2, 1]]


def test_words_are_cut_at_what_is_no_letter_and_lose_their_case():
    assert (
        words("Baby SWISS-Cheese, 8oz. ﬁne STRASSE straße")
        == ["baby", "swiss", "cheese", "8oz", "fine"] + ["strasse"] * 2
    )
    assert words("हिन्दी ไทย") == ["हिन्दी", "ไทย"]
    assert words("日本") == ["日", "本"]
    assert words("a" * 2500) == ["a" * 2000]


def test_the_words_of_a_text_come_before_its_pairs():
    fit = TextFit(buckets=100_000, longest=2, width=8)
    first = codes("swiss cheese", fit)
    assert len(first) == 3
    assert set(codes("cheese", fit)) < set(first)
    assert codes("cheese swiss", fit)[2] != first[2]
    assert codes("SWISS swiss", TextFit(buckets=100_000, longest=1)) == codes("swiss", TextFit(buckets=100_000))
    assert codes("a b c d", TextFit(width=3)) == codes("a b c", TextFit(longest=1))


def test_the_hash_of_a_word_never_changes():
    # Also in a process of its own, where Python's hash() would differ.
    fit = "TextFit(buckets=4096)"
    program = f"from shortlist_bundle.features.words import *; print(codes('swiss cheese', {fit}))"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[3900, 452, 3391]" == str(codes("swiss cheese", TextFit()))


def test_text_without_words_is_padding():
    assert bag(ColumnKind.TEXT, TextFit(width=3), [None, "", "-- !", float("nan")]) == [[0, 0, 0]] * 4


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ColumnKind.NUMBER, "12"),
        (ColumnKind.NUMBER, float("inf")),
        (ColumnKind.NUMBER, 10**400),
        (ColumnKind.NUMBER, [1]),
        (ColumnKind.FLAG, 2),
        (ColumnKind.FLAG, "perhaps"),
        (ColumnKind.TIME, "yesterday"),
        (ColumnKind.TIME, float("-inf")),
        (ColumnKind.CATEGORY, ["a"]),
        (ColumnKind.CATEGORY, float("inf")),
        (ColumnKind.CATEGORIES, [["a"]]),
        (ColumnKind.CATEGORIES, {"a": 1}),
        (ColumnKind.TEXT, 3),
        (ColumnKind.TEXT, b"bytes"),
    ],
)
@pytest.mark.parametrize("rows", [1, 40])
def test_a_value_of_the_wrong_kind_names_its_column(kind, value, rows):
    fits = {
        ColumnKind.TEXT: TextFit(),
        ColumnKind.CATEGORY: ValuesFit(values=()),
        ColumnKind.CATEGORIES: ValuesFit(values=()),
    }
    with pytest.raises(FeatureError, match="'x'") as caught:
        encode_one(kind, fits.get(kind, UNIT), [None] * (rows - 1) + [value])
    assert caught.value.column == "x"


TOWN = ColumnSpec("town", ColumnKind.CATEGORY, ValuesFit(values=("a", "b")))
ABOUT = ColumnSpec("about", ColumnKind.TEXT, TextFit(buckets=10, width=4))
AGE = ColumnSpec("age", ColumnKind.NUMBER, UNIT)


def test_absent_columns_are_missing_and_others_are_reported():
    both = encoder(TOWN, AGE, ABOUT)
    encoded = both.encode({"age": [1.0, 2.0], "shoe": [3, 4]}, 2)
    assert encoded.numbers.tolist() == [[1, 0], [2, 0]]
    assert not encoded.bags["town"].any()
    assert not encoded.bags["about"].any()
    assert both.unknown_columns({"shoe": [], "age": [], "hat": []}) == ["hat", "shoe"]
    assert both.empty(3).numbers.tolist() == [[0, 1]] * 3


def test_the_shapes_that_a_model_is_built_on():
    both = encoder(TOWN, AGE, ABOUT)
    assert both.number_names == ("age", "age (missing)")
    assert both.number_width == 2
    assert both.bag_names == ("town", "about")
    assert both.bag_sizes == {"town": 4, "about": 11}
    assert both.bag_widths == {"town": 1, "about": 4}


def test_a_column_of_another_length_is_refused():
    with pytest.raises(FeatureError, match="1 values for 2 rows"):
        encoder(AGE).encode({"age": [1]}, 2)


def test_no_columns_still_count_rows():
    encoded = encoder().encode({}, 3)
    assert len(encoded) == 3
    assert encoded.numbers.shape == (3, 0)


def test_rows_are_taken_joined_and_kept_in_arrays():
    both = encoder(TOWN, AGE, ABOUT)
    raw = {"town": ["a", None, "z"], "age": [1, None, 3], "about": ["x y", "z", None]}
    encoded = both.encode(raw, 3)
    again = EncodedFeatures.concatenate([encoded.take([0]), encoded.take(slice(1, 3))])
    assert_equal(again, encoded)
    assert encoded.take(np.array([2, 2])).bags["town"].tolist() == [[1], [1]]
    arrays = encoded.to_arrays("items/features/")
    assert set(arrays) == {"items/features/numbers", "items/features/bag-0", "items/features/bag-1"}
    read = EncodedFeatures.from_arrays(arrays, both.bag_names, "items/features/")
    both.check(read)
    assert_equal(read, encoded)


def test_features_of_another_encoder_are_refused():
    encoded = encoder(TOWN, AGE).encode({"town": ["b"], "age": [1]}, 1)
    smaller = ColumnSpec("town", ColumnKind.CATEGORY, ValuesFit(values=("a",)))
    for other in (encoder(TOWN), encoder(smaller, AGE), encoder(AGE, ABOUT), encoder(AGE)):
        with pytest.raises(BundleIncompatible):
            other.check(encoded)
    with pytest.raises(BundleIncompatible, match="bag-0"):
        EncodedFeatures.from_arrays({"numbers": encoded.numbers}, ["town"])
    with pytest.raises(BundleIncompatible, match="float32"):
        EncodedFeatures.from_arrays({"numbers": np.zeros((1, 2))}, [])


def test_parts_that_differ_are_not_joined():
    with pytest.raises(ValueError, match="same bags"):
        EncodedFeatures.concatenate([encoder(TOWN).empty(1), encoder(ABOUT).empty(1)])


def assert_equal(one: EncodedFeatures, other: EncodedFeatures) -> None:
    np.testing.assert_array_equal(one.numbers, other.numbers)
    assert list(one.bags) == list(other.bags)
    for name in one.bags:
        np.testing.assert_array_equal(one.bags[name], other.bags[name])
