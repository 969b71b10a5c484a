"""Stated needs as they come over the wire, conditions in words, and what replies say."""

import pytest
from valid_requests import equals, every, needs, recommend

from shortlist.v1 import filter_pb2, needs_pb2, value_pb2
from shortlist_bundle.filters.conditions import Equals
from shortlist_bundle.knowledge.wishes import Direction, Near, Wanted, Wish
from shortlist_server.pipeline.needs import Must, Needs, RelaxationTold, WishMet
from shortlist_server.wire.conditions import condition_text
from shortlist_server.wire.needs import write_relaxations, write_wishes_met
from shortlist_server.wire.requests import read_recommend


def test_every_form_of_wish_is_read():
    assert read_recommend(recommend(needs=needs())).needs == Needs(
        musts=(Must(condition=Equals("department", "food"), text="department = food"),),
        wishes=(
            Wish("department", Wanted(("food", 2, 2.5, True))),
            Wish("price", Near(20.0, 5.0), 2.0),
            Wish("price", Near(20.0)),
            Wish("price", Direction.LOWEST),
            Wish("price", Direction.HIGHEST),
        ),
        weight=0.25,
        relax=True,
    )


def test_what_is_left_out_has_its_default():
    message = needs_pb2.Needs(wishes=[needs_pb2.Wish(attribute="price", direction=needs_pb2.DIRECTION_LOWEST)])
    assert read_recommend(recommend(needs=message)).needs == Needs(
        wishes=(Wish("price", Direction.LOWEST),), weight=0.5
    )


def value(**kind):
    return value_pb2.Value(**kind)


def negation(inner):
    return filter_pb2.Filter(negation=filter_pb2.NotFilter(filter=inner))


def any_of(*filters):
    return filter_pb2.Filter(any=filter_pb2.AnyFilter(filters=filters))


RANGE = filter_pb2.Filter(range=filter_pb2.RangeFilter(attribute="price", at_least=3, less_than=5.5))
FLAG = filter_pb2.Filter(flag=filter_pb2.FlagFilter(attribute="organic"))
VALUES = filter_pb2.AnyOfFilter(attribute="size", values=[value(number=2.5), value(integer=7), value(flag=True)])


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (equals("brand", "X"), "brand = X"),
        (filter_pb2.Filter(any_of=VALUES), "size = 2.5 or 7 or yes"),
        (RANGE, "price >= 3 and price < 5.5"),
        (FLAG, "organic = no"),
        (
            every(equals("brand", "X"), any_of(FLAG, RANGE)),
            "brand = X and (organic = no or price >= 3 and price < 5.5)",
        ),
        (negation(every(FLAG, FLAG)), "not (organic = no and organic = no)"),
        (filter_pb2.Filter(), ""),
        (equals("brand", "x" * 500), f"brand = {'x' * 191}…"),
    ],
)
def test_a_condition_in_words(message, text):
    assert condition_text(message) == text


def test_every_form_of_filter_has_words():
    said = {"equals", "any_of", "range", "flag", "all", "any", "negation"}
    assert said == {field.name for field in filter_pb2.Filter.DESCRIPTOR.oneofs_by_name["condition"].fields}


@pytest.mark.parametrize(
    ("own", "kind", "sent"),
    [("red", "text", "red"), (2.5, "number", 2.5), (True, "flag", True), (None, None, None), (["a"], "texts", None)],
)
def test_what_an_item_has_is_written_in_its_kind(own, kind, sent):
    (message,) = write_wishes_met([WishMet(wish=1, attribute="a", met=True, degree=1.0, value=own)])
    assert (message.wish, message.attribute, message.met, message.degree) == (1, "a", True, 1.0)
    assert message.value.WhichOneof("kind") == kind
    assert sent is None or getattr(message.value, kind) == sent


def test_relaxations():
    (message,) = write_relaxations([RelaxationTold(musts=(0, 2), items=14, text="without it there are 14")])
    assert message == needs_pb2.Relaxation(musts=[0, 2], item_count=14, text="without it there are 14")
