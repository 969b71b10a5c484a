"""What filters find, kind by kind, and what they refuse, each by the path of its field."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_models import ITEMS, catalogue_of

from shortlist_bundle.catalogue import Catalogue
from shortlist_bundle.errors import FilterError
from shortlist_bundle.filters.conditions import All, AnyOf, AnyOne, Equals, Flag, Not, Range
from shortlist_bundle.filters.evaluating import evaluate

CATALOGUE = catalogue_of()
EVERYTHING = list(range(1, ITEMS + 1))
MILK, THIRD, FIFTH = (list(range(step, ITEMS + 1, step)) for step in (3, 3, 5))


def found(filter, catalogue=CATALOGUE):
    return np.flatnonzero(evaluate(filter, catalogue.attributes, ITEMS + 1)).tolist()


def without(items):
    return [one for one in EVERYTHING if one not in items]


HOLDS = {
    "category": (Equals("kind", "milk"), MILK),
    "text": (Equals("title", "title 12"), [12]),
    "number": (Equals("price", 2.5), [5]),
    "whole number": (Equals("price", 2), [4]),
    "time": (Equals("since", 120.0), [12]),
    "flag": (Equals("organic", True), FIFTH),
    "flag as a number": (Equals("organic", 1), FIFTH),
    "list": (Equals("tags", "third"), THIRD),
    "a value that no item has": (Equals("kind", "wine"), []),
    "a number that no item has": (Equals("price", 2.25), []),
    "a tag that no item has": (Equals("tags", "wine"), []),
    "an empty text": (Equals("kind", ""), []),
    "any of categories": (AnyOf("kind", ("milk", "wine", "milk")), MILK),
    "any of texts": (AnyOf("title", ("title 3", "title 1")), [1, 3]),
    "any of tags": (AnyOf("tags", ("even", "third")), [n for n in EVERYTHING if n % 2 == 0 or n % 3 == 0]),
    "any of numbers": (AnyOf("price", (2.5, 1, 99.0, 2.5)), [2, 5]),
    "any of times": (AnyOf("since", (10, 300.0)), [1, 30]),
    "any of flags": (AnyOf("organic", (True, False)), without([7])),
    "any of nothing there": (AnyOf("price", (-1, 0.25)), []),
    "at least": (Range("price", at_least=14.5), [29, 30]),
    "more than": (Range("price", more_than=14.5), [30]),
    "at most": (Range("price", at_most=1.0), [1, 2]),
    "less than": (Range("price", less_than=1.0), [1]),
    "between": (Range("price", more_than=1.0, at_most=2.0), [3, 4]),
    "every limit": (Range("price", at_least=1.0, more_than=1.0, at_most=2.0, less_than=2.0), [3]),
    "limits that exclude each other": (Range("price", at_least=3.0, at_most=2.0), []),
    "times": (Range("since", at_least=100.0, less_than=120.0), [10, 11]),
    "no limit is every known value": (Range("price"), without([7])),
    "wanted": (Flag("organic"), FIFTH),
    "not wanted": (Flag("organic", False), without([*FIFTH, 7])),
    "all": (All((Equals("kind", "milk"), Equals("tags", "even"))), [6, 12, 18, 24, 30]),
    "any": (AnyOne((Equals("price", 2.5), Equals("title", "title 12"))), [5, 12]),
    "negation": (Not(Equals("kind", "milk")), without(MILK)),
    "twice turned round": (Not(Not(Equals("kind", "milk"))), MILK),
    "all but": (All((Flag("organic"), Not(Range("price", at_most=10.0)))), [25, 30]),
    "two values for one attribute": (All((Equals("kind", "milk"), Equals("kind", "nuts"))), []),
    "two tags at once": (All((Equals("tags", "even"), Equals("tags", "third"))), [6, 12, 18, 24, 30]),
}


@pytest.mark.parametrize("name", HOLDS)
def test_what_a_filter_finds(name):
    filter, items = HOLDS[name]
    assert found(filter) == items


NOT_KNOWN_OF_7 = [
    Equals("kind", "nuts"),
    AnyOf("kind", ("milk", "nuts", "bread")),
    Range("price", at_least=-1e9),
    Flag("organic", False),
]


@pytest.mark.parametrize("filter", NOT_KNOWN_OF_7, ids=lambda filter: type(filter).__name__)
def test_a_condition_on_what_is_not_known_does_not_hold_but_its_negation_does(filter):
    assert 7 not in found(filter)
    assert 7 in found(Not(filter))
    assert sorted(found(filter) + found(Not(filter))) == EVERYTHING


WRONG = {
    "a number for a category": (Equals("kind", 3), "equals.value", "needs a text"),
    "a flag for a text": (Equals("title", True), "equals.value", "needs a text"),
    "a text for a number": (Equals("price", "cheap"), "equals.value", "needs a number"),
    "a flag for a number": (Equals("price", True), "equals.value", "needs a number"),
    "a flag for a time": (Equals("since", False), "equals.value", "needs a number"),
    "a text for a flag": (Equals("organic", "yes"), "equals.value", "needs true or false"),
    "a number for a flag": (Equals("organic", 2), "equals.value", "needs true or false"),
    "a number for a list": (Equals("tags", 1.5), "equals.value", "needs a text"),
    "one of several": (AnyOf("price", (1, "two")), "any_of.values[1]", "needs a number, not 'two'"),
    "a range of categories": (Range("kind", at_most=3), "range.attribute", "of the kind category"),
    "a range of texts": (Range("title", at_most=3), "range.attribute", "of the kind text"),
    "a range of lists": (Range("tags", at_most=3), "range.attribute", "of the kind categories"),
    "a range of flags": (Range("organic", at_most=3), "range.attribute", "of the kind flag"),
    "a flag of a number": (Flag("price"), "flag.attribute", "of the kind number"),
    "an unknown attribute": (Equals("colour", "red"), "equals.attribute", "it has kind, organic, price, since"),
    "an unknown attribute of a range": (Range("colour", at_most=1), "range.attribute", "no attribute 'colour'"),
    "an unknown attribute of several": (AnyOf("colour", ("red",)), "any_of.attribute", "no attribute 'colour'"),
    "an unknown attribute of a flag": (Flag("colour"), "flag.attribute", "no attribute 'colour'"),
    "inside all": (All((Flag("organic"), Range("kind", at_most=3))), "all.filters[1].range.attribute", "category"),
    "inside any": (AnyOne((Flag("price"), Flag("organic"))), "any.filters[0].flag.attribute", "number"),
    "inside a negation": (Not(Equals("kind", 1)), "negation.filter.equals.value", "text"),
    "deep inside": (
        All((AnyOne((Flag("organic"), Not(AnyOf("tags", ("even", 5)))),),)),
        "all.filters[0].any.filters[1].negation.filter.any_of.values[1]",
        "needs a text, not 5",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_meant_is_named_by_its_path(name):
    filter, path, text = WRONG[name]
    with pytest.raises(FilterError) as error:
        found(filter)
    (problem,) = error.value.problems
    assert problem.path == path
    assert text in problem.text
    assert bool(problem.unknown) == ("colour" in problem.text)
    assert path in str(error.value)


def test_everything_that_is_wrong_is_told_at_once():
    filter = All((Equals("colour", "red"), AnyOf("kind", (1, "milk", 2)), Flag("shape"), Flag("organic")))
    with pytest.raises(FilterError, match="and 3 more") as error:
        found(filter)
    assert [problem.path for problem in error.value.problems] == [
        "all.filters[0].equals.attribute",
        "all.filters[1].any_of.values[0]",
        "all.filters[1].any_of.values[2]",
        "all.filters[2].flag.attribute",
    ]
    assert [problem.unknown for problem in error.value.problems] == ["colour", "", "", "shape"]


def test_of_very_much_that_is_wrong_the_first_is_told():
    with pytest.raises(FilterError) as error:
        found(All((AnyOf("kind", tuple(range(1000))),) * 3))
    assert len(error.value.problems) == 100


def test_a_catalogue_without_attributes_says_so():
    bare = Catalogue(attributes={}, available_from=np.full(3, -np.inf), available_until=np.full(3, np.inf))
    with pytest.raises(FilterError, match="it has none"):
        bare.matching(Equals("kind", "milk"))


FACTS = [
    {
        "kind": (None if n == 7 else ("milk", "nuts", "bread")[n % 3]),
        "tags": {tag for tag, size in (("even", 2), ("third", 3)) if n % size == 0},
        "price": None if n == 7 else n / 2,
        "organic": None if n == 7 else n % 5 == 0,
    }
    for n in EVERYTHING
]


def holds(filter, facts):
    """Say whether an item meets the filter, read off the proto's comments."""
    match filter:
        case Equals("tags", value):
            return value in facts["tags"]
        case AnyOf("tags", values):
            return bool(set(values) & facts["tags"])
        case Equals(name, value):
            return facts[name] == value
        case AnyOf(name, values):
            return facts[name] in values
        case Flag(name, wanted):
            return facts[name] is wanted
        case Range(name, low, above, high, below):
            number = facts[name]
            return number is not None and (
                (low is None or number >= low)
                and (above is None or number > above)
                and (high is None or number <= high)
                and (below is None or number < below)
            )
        case All(filters):
            return all(holds(inner, facts) for inner in filters)
        case AnyOne(filters):
            return any(holds(inner, facts) for inner in filters)
        case Not(inner):
            return not holds(inner, facts)


LIMIT = st.none() | st.integers(-2, 32).map(lambda number: number / 2)
KINDS, TAGS = st.sampled_from(["milk", "nuts", "wine"]), st.sampled_from(["even", "third", "wine"])
LEAVES = st.one_of(
    st.builds(Equals, st.just("kind"), KINDS),
    st.builds(Equals, st.just("tags"), TAGS),
    st.builds(Equals, st.just("price"), st.integers(0, 16)),
    st.builds(AnyOf, st.just("kind"), st.lists(KINDS, min_size=1).map(tuple)),
    st.builds(AnyOf, st.just("tags"), st.lists(TAGS, min_size=1).map(tuple)),
    st.builds(AnyOf, st.just("price"), st.lists(st.integers(0, 16), min_size=1).map(tuple)),
    st.builds(Range, st.just("price"), LIMIT, LIMIT, LIMIT, LIMIT),
    st.builds(Flag, st.just("organic"), st.booleans()),
)
SEVERAL = {"min_size": 1, "max_size": 3}
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, **SEVERAL).map(tuple)),
        st.builds(AnyOne, st.lists(inner, **SEVERAL).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)


@given(FILTERS)
def test_a_filter_finds_what_it_says_item_by_item(filter):
    assert found(filter) == [n for n, facts in zip(EVERYTHING, FACTS, strict=True) if holds(filter, facts)]
