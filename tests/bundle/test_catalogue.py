"""What filters find, kind by kind, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_models import ITEMS, catalogue_of, limited

from shortlist_bundle.catalogue import Catalogue
from shortlist_bundle.errors import FeatureError

CATALOGUE = catalogue_of()


def found(catalogue=CATALOGUE, **filters):
    return np.flatnonzero(catalogue.matching(filters)).tolist()


EQUAL = {
    "category": ({"kind": "milk"}, [n for n in range(1, ITEMS + 1) if n % 3 == 0]),
    "text": ({"title": "title 12"}, [12]),
    "number": ({"price": 2.5}, [5]),
    "whole number": ({"price": 2}, [4]),
    "time": ({"since": 120.0}, [12]),
    "flag": ({"organic": True}, [5, 10, 15, 20, 25, 30]),
    "flag as a number": ({"organic": 1}, [5, 10, 15, 20, 25, 30]),
    "list": ({"tags": "third"}, [n for n in range(1, ITEMS + 1) if n % 3 == 0]),
    "two at once": ({"tags": "even", "kind": "milk"}, [6, 12, 18, 24, 30]),
    "a value that no item has": ({"kind": "wine"}, []),
    "a number that no item has": ({"price": 2.25}, []),
    "a tag that no item has": ({"tags": "wine"}, []),
    "an empty text": ({"kind": ""}, []),
    "conditions that exclude each other": ({"price": 2.5, "title": "title 12"}, []),
    "none": ({}, list(range(1, ITEMS + 1))),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equality(name):
    filters, items = EQUAL[name]
    assert found(**filters) == items


def test_an_item_whose_value_is_missing_equals_nothing():
    assert 7 not in found(organic=False)
    assert 7 not in found(kind="nuts")
    assert 7 not in found(price=3.5)
    assert found(organic=False) == [n for n in range(1, ITEMS + 1) if n % 5 and n != 7]


WRONG = {
    "a number for a category": ("kind", 3),
    "a flag for a text": ("title", True),
    "a text for a number": ("price", "cheap"),
    "a flag for a number": ("price", True),
    "a flag for a time": ("since", False),
    "a text for a flag": ("organic", "yes"),
    "a number for a flag": ("organic", 2),
    "a number for a list": ("tags", 1.5),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_of_the_wrong_type_is_refused_by_the_name_of_its_attribute(name):
    attribute, value = WRONG[name]
    with pytest.raises(FeatureError) as error:
        CATALOGUE.matching({attribute: value})
    assert error.value.column == attribute
    assert attribute in str(error.value)
    assert repr(value) in str(error.value)


def test_an_unknown_attribute_is_refused_with_those_there_are():
    with pytest.raises(FeatureError, match=r"colour.*it has kind, organic, price, since, tags, title") as error:
        CATALOGUE.matching({"colour": "red"})
    assert error.value.column == "colour"


def test_a_catalogue_without_attributes_says_so():
    bare = Catalogue(attributes={}, available_from=np.full(3, -np.inf), available_until=np.full(3, np.inf))
    assert found(bare) == [1, 2]
    with pytest.raises(FeatureError, match="it has none"):
        bare.matching({"kind": "milk"})


@given(st.dictionaries(st.sampled_from(["kind", "tags", "organic"]), st.sampled_from(["milk", "nuts", "even", True])))
def test_conditions_are_joined_by_and_and_nobody_is_never_found(filters):
    try:
        mask = CATALOGUE.matching(filters)
    except FeatureError:
        return
    alone = [CATALOGUE.matching({name: value}) for name, value in filters.items()]
    np.testing.assert_array_equal(mask[1:], np.all([np.ones(ITEMS, np.bool_), *(part[1:] for part in alone)], axis=0))
    assert not mask[0]


def test_availability_includes_its_start_and_excludes_its_end():
    catalogue = limited(catalogue_of(), since=[(3, 50.0)], until=[(4, 50.0)])
    assert catalogue.available(49.9)[[3, 4, 5]].tolist() == [False, True, True]
    assert catalogue.available(50.0)[[3, 4, 5]].tolist() == [True, False, True]


def test_where_everything_can_always_be_had_there_is_nothing_to_look_up():
    assert CATALOGUE.available(0.0) is None
