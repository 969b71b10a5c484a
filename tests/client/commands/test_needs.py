import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_client import Direction, Source, Wish
from shortlist_client.commands.conditions import condition
from shortlist_client.commands.needs import needs, source, wish
from shortlist_client.filters import AnyOf, Equals, Range


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("brand=Private", Equals("brand", "Private")),
        ("brand=a=b", Equals("brand", "a=b")),
        ("organic=true", Equals("organic", True)),
        ('brand=["a", "b"]', AnyOf("brand", ["a", "b"])),
        ("price<=5", Range(attribute="price", at_most=5.0)),
        ("price>=5", Range(attribute="price", at_least=5.0)),
        ("price<5", Range(attribute="price", less_than=5.0)),
        ("price>-5.5", Range(attribute="price", more_than=-5.5)),
    ],
)
def test_musts(text, expected):
    assert condition(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("brand=Private", Wish("brand", wanted="Private")),
        ('brand=["a", "b"]', Wish("brand", wanted=["a", "b"])),
        ("organic=false", Wish("organic", wanted=False)),
        ("price~20", Wish("price", near=20.0)),
        ("price~20±5", Wish("price", near=20.0, within=5.0)),
        ("price~20+-5", Wish("price", near=20.0, within=5.0)),
        ("warmth~-20±0.5", Wish("warmth", near=-20.0, within=0.5)),
        ("2*price~20±5", Wish("price", near=20.0, within=5.0, weight=2.0)),
        ("0.5*brand=2*b", Wish("brand", wanted="2*b", weight=0.5)),
        ("price:lowest", Wish("price", direction=Direction.LOWEST)),
        ("3*price:highest", Wish("price", direction=Direction.HIGHEST, weight=3.0)),
        ("brand=a~b:c", Wish("brand", wanted="a~b:c")),
    ],
)
def test_wishes(text, expected):
    assert wish(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("content", ("content", Source(weight=1.0))),
        ("content=0.5", ("content", Source(weight=0.5))),
        ("content:2", ("content", Source(quota=2))),
        ("content=0.5:2", ("content", Source(weight=0.5, quota=2))),
    ],
)
def test_sources(text, expected):
    assert source(text) == expected


@pytest.mark.parametrize("text", ["", ":2", "=1", "content:", "content:-1", "content:1.5", "content=a:1"])
def test_what_is_no_source(text):
    with pytest.raises(click.BadParameter):
        source(text)


@pytest.mark.parametrize("text", ["price", "=5", "price<=dear", "price<"])
def test_what_is_no_condition(text):
    with pytest.raises(click.BadParameter):
        condition(text)


@pytest.mark.parametrize(
    "text", ["price", "~5", "price~", "price~dear", "price~20±", "price~20±few", "price:cheap", "1.2.3*price~4", ""]
)
def test_what_is_no_wish(text):
    with pytest.raises(click.BadParameter):
        wish(text)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(NUMBERS, st.none() | NUMBERS, st.sampled_from(["±", "+-"]))
def test_any_number_can_be_written(target, within, sign):
    text = f"price~{target}" + ("" if within is None else f"{sign}{within}")
    assert wish(text) == Wish("price", near=target, within=within)


def test_options_that_say_nothing_are_no_needs():
    assert needs((), (), 0.5, True) is None
