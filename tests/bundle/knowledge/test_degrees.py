"""Value functions against hand-computed tables, and what holds for every catalogue."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.catalogue import ListAttribute, NumberAttribute, TextAttribute
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.knowledge.degrees import degrees, met
from shortlist_bundle.knowledge.scales import NOTHING, Scale, scale_of
from shortlist_bundle.knowledge.wishes import Direction, Near, Wanted
from shortlist_bundle.vocabulary import Vocabulary

NAN = float("nan")
TO_HUNDRED = np.concatenate([[NAN], np.arange(101.0)])
"""Nine tenths of it lie between 5 and 95."""


def numbers(*values, kind=ColumnKind.NUMBER):
    return NumberAttribute(kind=kind, values=np.array(values, np.float64))


def texts(*words):
    values = Vocabulary(word for word in words if word)
    return TextAttribute(kind=ColumnKind.CATEGORY, values=values, codes=values.rows([word or "" for word in words]))


def lists(*bags):
    values = Vocabulary(word for bag in bags for word in bag)
    codes = [values.row(word) for bag in bags for word in bag]
    offsets = np.cumsum([0, *map(len, bags)]).astype(np.int64)
    return ListAttribute(values=values, offsets=offsets, codes=np.array(codes, np.int32))


def test_near_is_full_within_the_tolerance_and_falls_with_the_distance():
    prices = numbers(NAN, 20, 24, 25, 26, 30, 40, 15, 10, -30)
    found = degrees(prices, Near(20, 5), NOTHING)
    np.testing.assert_allclose(found, [0, 1, 1, 1, 5 / 6, 1 / 2, 1 / 4, 1, 1 / 2, 1 / 10])
    assert met(Near(20, 5), found).tolist() == [value == 1 for value in found]


def test_a_tolerance_holds_as_it_is_written_in_decimals():
    assert degrees(numbers(19.9, 20.1, 19.89), Near(20, 0.1), NOTHING).tolist()[:2] == [1, 1]
    assert degrees(numbers(19.89), Near(20, 0.1), NOTHING)[0] < 1


def test_without_a_tolerance_it_is_a_tenth_of_the_robust_range():
    found = degrees(numbers(50, 59, 59.1, 68), Near(50), scale_of(TO_HUNDRED))
    np.testing.assert_allclose(found, [1, 1, 9 / 9.1, 9 / 18])


def test_a_time_is_near_too():
    assert degrees(numbers(1e9, kind=ColumnKind.TIME), Near(1e9 + 60, 120), NOTHING).tolist() == [1]


def test_the_lowest_and_the_highest_by_hand():
    values, scale = numbers(0, 2.5, 5, 50, 95, 97.5, 100, NAN), scale_of(TO_HUNDRED)
    assert scale == Scale(lowest=0, low=5, high=95, highest=100)
    lowest = degrees(values, Direction.LOWEST, scale)
    np.testing.assert_allclose(lowest, [1, 0.975, 0.95, 0.5, 0.05, 0.025, 0, 0], atol=1e-12)
    assert met(Direction.LOWEST, lowest).tolist() == [True, True, True, False, False, False, False, False]
    highest = degrees(values, Direction.HIGHEST, scale)
    np.testing.assert_allclose(highest, [0, 0.025, 0.05, 0.5, 0.95, 0.975, 1, 0], atol=1e-12)


@pytest.mark.parametrize("direction", Direction)
def test_where_all_cost_the_same_all_are_the_cheapest(direction):
    same = numbers(NAN, 3, 3, 3)
    assert degrees(same, direction, scale_of(same.values)).tolist() == [0, 1, 1, 1]


def test_nobody_knows_anything():
    nothing = numbers(NAN, NAN, NAN)
    for aim in (Direction.LOWEST, Direction.HIGHEST, Near(1.0), Near(1.0, 2.0)):
        assert degrees(nothing, aim, scale_of(nothing.values)).tolist() == [0, 0, 0]


def test_one_wrong_price_does_not_stretch_the_scale():
    prices = np.concatenate([TO_HUNDRED, [1e9]])
    found = degrees(numbers(10, 90), Direction.LOWEST, scale_of(prices))
    assert found[0] - found[1] > 0.7


@pytest.mark.parametrize(
    ("attribute", "wanted", "expected"),
    [
        (texts(None, "red", "blue", None), ("red",), [0, 1, 0, 0]),
        (texts(None, "red", "blue", None), ("red", "blue", "grey"), [0, 1, 1, 0]),
        (lists([], ["a", "b"], ["b"], ["c"]), ("a", "c"), [0, 1, 0, 1]),
        (numbers(NAN, 1, 2, NAN), (2, 7.0), [0, 0, 1, 0]),
        (numbers(NAN, 1, 0, NAN, kind=ColumnKind.FLAG), (False,), [0, 0, 1, 0]),
    ],
)
def test_one_of_the_wanted_values_is_enough(attribute, wanted, expected):
    assert degrees(attribute, Wanted(wanted), NOTHING).tolist() == expected


@pytest.mark.parametrize(
    ("attribute", "aim"),
    [
        (texts("red"), Near(1.0)),
        (lists(["a"]), Direction.LOWEST),
        (numbers(1, kind=ColumnKind.FLAG), Direction.HIGHEST),
        (texts("red"), Wanted((1,))),
        (numbers(1), Wanted(("red",))),
    ],
)
def test_an_aim_that_does_not_fit_is_refused(attribute, aim):
    with pytest.raises(ValueError, match=r"is of kind|needs (a|true)"):
        degrees(attribute, aim, NOTHING)


VALUES = st.lists(st.integers(-1000, 1000).map(float) | st.just(NAN), min_size=1, max_size=40)
AIMS = st.one_of(
    st.sampled_from(Direction),
    st.builds(Near, st.integers(-1000, 1000).map(float), st.none() | st.floats(0.01, 500)),
)


@given(VALUES, AIMS)
def test_every_degree_is_a_share_and_the_better_value_has_the_higher_one(values, aim):
    values = np.array([NAN, *values])
    found = degrees(numbers(*values), aim, scale_of(values))
    assert ((found >= 0) & (found <= 1)).all()
    assert (found[np.isnan(values)] == 0).all()
    for one in range(len(values)):
        for other in range(len(values)):
            if worth(values[one], aim) > worth(values[other], aim):
                assert found[one] >= found[other]
                # Among those that are not as good as can be, none are equal.
                assert found[one] > found[other] or found[one] in (0.0, 1.0)


def worth(value, aim):
    if isinstance(aim, Near):
        return -abs(value - aim.target)
    return -value if aim is Direction.LOWEST else value
