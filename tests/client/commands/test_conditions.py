"""Filters as they are written on the command line."""

import click
import pytest

from shortlist_client.commands.conditions import condition, joined_conditions
from shortlist_client.filters import All, AnyOf, Equals, Not, Range

WRITTEN = {
    "brand=Private": Equals("brand", "Private"),
    "brand = x": Equals("brand", " x"),
    "pages=20": Equals("pages", 20),
    'size="20"': Equals("size", "20"),
    "organic=true": Equals("organic", True),
    "kind=milk|nuts": AnyOf("kind", ["milk", "nuts"]),
    "pages=1|2.5": AnyOf("pages", [1, 2.5]),
    'size="20"|"30"': AnyOf("size", ["20", "30"]),
    'name="a|b"': Equals("name", "a|b"),
    'kind=["a|b", "c"]': AnyOf("kind", ["a|b", "c"]),
    "name=a=b": Equals("name", "a=b"),
    "name=a<b": Equals("name", "a<b"),
    "name=": Equals("name", ""),
    "two words=x": Equals("two words", "x"),
    "brand!=Private": Not(Equals("brand", "Private")),
    "kind!=milk|nuts": Not(AnyOf("kind", ["milk", "nuts"])),
    "price<=20": Range("price", at_most=20.0),
    "price <= 20.5": Range("price", at_most=20.5),
    "price<-1e3": Range("price", less_than=-1000.0),
    "price>=0": Range("price", at_least=0.0),
    "price>0": Range("price", more_than=0.0),
    "since>=1970-01-02": Range("since", at_least=86400.0),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_written_is_what_is_meant(text):
    assert condition(text) == WRITTEN[text]


def test_one_and_true_are_told_apart():
    assert type(condition("a=1").value) is int
    assert type(condition("a=true").value) is bool


@pytest.mark.parametrize(
    "text", ["", "brand", "=x", "<=3", "!=x", "!organic", "price<=", "price<=cheap", "price<20<30"]
)
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(click.BadParameter):
        condition(text)


def test_every_condition_must_hold():
    a, b = condition("brand=a"), condition("price<=3")
    assert joined_conditions([]) is None
    assert joined_conditions([b]) == b
    assert joined_conditions([a, b]) == All([a, b])
    assert joined_conditions([condition("price>1"), b]) == All([condition("price>1"), b])


def test_of_several_values_for_one_attribute_either_will_do():
    given = [condition(text) for text in ("brand=a", "price<=3", "brand=b|c", "kind!=d", "kind!=e", "size=xl")]
    assert joined_conditions(given) == All(
        [AnyOf("brand", ["a", "b", "c"]), Equals("size", "xl"), *[given[row] for row in (1, 3, 4)]]
    )
