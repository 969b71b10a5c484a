"""Items by how well they meet wishes: means by weight, ties, and rows alone as among all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.catalogue import Catalogue, ListAttribute, NumberAttribute, TextAttribute
from shortlist_bundle.errors import FeatureError
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.knowledge.utility import Knowledge, taken
from shortlist_bundle.knowledge.wishes import Direction, Near, Wanted, Wish
from shortlist_bundle.vocabulary import Vocabulary

BRANDS = Vocabulary(["National", "Private"])
TAGS = Vocabulary(["new", "sale"])
PRICES = [float("nan"), 20, 22, 30, 40, 19]
CATALOGUE = Catalogue(
    attributes={
        "price": NumberAttribute(kind=ColumnKind.NUMBER, values=np.array(PRICES)),
        "brand": TextAttribute(kind=ColumnKind.CATEGORY, values=BRANDS, codes=np.array([0, 1, 2, 2, 1, 0], np.int32)),
        "tags": ListAttribute(
            values=TAGS,
            offsets=np.array([0, 0, 1, 3, 3, 4, 4], np.int64),
            codes=np.array([1, 1, 2, 2], np.int32),
        ),
    },
    available_from=np.full(6, -np.inf),
    available_until=np.full(6, np.inf),
)
KNOWLEDGE = Knowledge(CATALOGUE)
NEAR = Wish("price", Near(20, 5), 2.0)
PRIVATE = Wish("brand", Wanted(("Private",)))
EVERYTHING = np.ones(6, np.bool_)


def test_utility_is_the_mean_by_weight():
    # near: 1, 1, 1/2, 1/4, 1; private: 0, 1, 1, 0, 0
    expected = [0, 2 / 3, 1, (2 / 2 + 1) / 3, (2 / 4) / 3, 2 / 3]
    np.testing.assert_allclose(KNOWLEDGE.utility([NEAR, PRIVATE]), expected, rtol=1e-6)
    assert KNOWLEDGE.utility([NEAR, PRIVATE])[2] == 1.0


def test_weights_decide():
    cheap, branded = Wish("price", Direction.LOWEST), Wish("brand", Wanted(("Private",)))
    for heavy, first in ((0.1, 2), (10.0, 5)):
        wishes = [Wish("price", cheap.aim, heavy), branded]
        assert KNOWLEDGE.best(KNOWLEDGE.utility(wishes), EVERYTHING, 1).tolist() == [first]


def test_without_wishes_everything_is_as_good():
    assert KNOWLEDGE.utility([]).tolist() == [1.0] * 6


def test_the_best_are_allowed_and_never_nobody():
    utility = KNOWLEDGE.utility([NEAR, PRIVATE])
    assert KNOWLEDGE.best(utility, EVERYTHING, 9).tolist() == [2, 1, 3, 5, 4]
    assert KNOWLEDGE.best(utility, EVERYTHING, 2).tolist() == [2, 1]
    allowed = np.array([True, False, False, True, True, False])
    assert KNOWLEDGE.best(utility, allowed, 9).tolist() == [3, 4]
    assert KNOWLEDGE.best(utility, np.zeros(6, np.bool_), 9).tolist() == []


def test_among_equals_the_standing_decides():
    standing = np.array([0, 5, 3, 4, 1, 2], np.int32)
    assert Knowledge(CATALOGUE, standing).best(np.ones(6, np.float32), EVERYTHING, 4).tolist() == [4, 5, 2, 3]
    assert KNOWLEDGE.best(np.ones(6, np.float32), EVERYTHING, 4).tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        (Wish("colour", Wanted(("red",))), "'colour': is not an attribute"),
        (Wish("brand", Near(3.0)), "'brand': .*only a number or a time"),
        (Wish("price", Wanted(("red",))), "'price': .*needs a number"),
    ],
)
def test_a_wish_that_cannot_be_meant_names_its_attribute(wish, problem):
    for ask in (KNOWLEDGE.check, KNOWLEDGE.degrees, lambda wish: KNOWLEDGE.utility([wish])):
        with pytest.raises(FeatureError, match=problem):
            ask(wish)


def test_a_wish_that_can_be_meant_passes():
    for wish in (NEAR, PRIVATE, Wish("tags", Wanted(("sale",))), Wish("price", Direction.HIGHEST)):
        KNOWLEDGE.check(wish)


WISHES = st.sampled_from(
    [NEAR, PRIVATE, Wish("tags", Wanted(("sale",))), Wish("tags", Wanted(("new", "sale"))), Wish("price", Near(25))]
)


@given(WISHES, st.lists(st.integers(0, 5), max_size=8))
def test_items_alone_are_as_good_as_among_all(wish, rows):
    rows = np.array(rows, np.int32)
    np.testing.assert_array_equal(KNOWLEDGE.degrees(wish, rows), KNOWLEDGE.degrees(wish)[rows])


def test_a_part_of_a_list_attribute_keeps_each_items_own():
    part = taken(CATALOGUE.attributes["tags"], np.array([2, 0, 4, 2]))
    assert part.equals("sale").tolist() == [True, False, True, True]
    assert part.equals("new").tolist() == [True, False, False, True]
