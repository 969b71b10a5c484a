"""Every form of filter as protobuf, and what has to come out."""

import pytest
from valid_requests import equals, every, text

from shortlist.v1 import filter_pb2, value_pb2
from shortlist_bundle.filters.conditions import All, AnyOf, AnyOne, Equals, Flag, Not, Range
from shortlist_server.errors import InvalidRequest
from shortlist_server.limits import Limits
from shortlist_server.wire.filters import read_filter
from shortlist_server.wire.inspection import Inspection


def read(message, limits=None):
    inspection = Inspection(limits or Limits())
    filter = read_filter(inspection, message)
    inspection.finish()
    return filter


def refused(message, limits=None):
    with pytest.raises(InvalidRequest) as error:
        read(message, limits)
    return [violation.field for violation in error.value.violations]


def ranged(**limits):
    return filter_pb2.Filter(range=filter_pb2.RangeFilter(attribute="price", **limits))


def any_of(*values):
    return filter_pb2.Filter(any_of=filter_pb2.AnyOfFilter(attribute="size", values=values))


def negated(filter):
    return filter_pb2.Filter(negation=filter_pb2.NotFilter(filter=filter))


FLAG = filter_pb2.Filter(flag=filter_pb2.FlagFilter(attribute="organic"))
FORMS = {
    "equals": (equals("brand", "Private"), Equals("brand", "Private")),
    "any_of": (
        any_of(text("a"), value_pb2.Value(number=1.5), value_pb2.Value(integer=3), value_pb2.Value(flag=True)),
        AnyOf("size", ("a", 1.5, 3, True)),
    ),
    "range": (ranged(at_least=1, less_than=0), Range("price", at_least=1.0, less_than=0.0)),
    "other limits": (ranged(more_than=-1, at_most=2), Range("price", more_than=-1.0, at_most=2.0)),
    "flag": (filter_pb2.Filter(flag=filter_pb2.FlagFilter(attribute="new", wanted=True)), Flag("new")),
    "flag not wanted": (FLAG, Flag("organic", False)),
    "all": (every(equals("a", "b"), FLAG), All((Equals("a", "b"), Flag("organic", False)))),
    "any": (
        filter_pb2.Filter(any=filter_pb2.AnyFilter(filters=[FLAG, equals("a", "b")])),
        AnyOne((Flag("organic", False), Equals("a", "b"))),
    ),
    "negation": (negated(negated(equals("a", "b"))), Not(Not(Equals("a", "b")))),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read(form):
    message, filter = FORMS[form]
    assert read(message) == filter


def test_there_is_no_other_form():
    told = {message.WhichOneof("condition") for message, _ in FORMS.values()}
    assert told == {field.name for field in filter_pb2.Filter.DESCRIPTOR.oneofs_by_name["condition"].fields}


@pytest.mark.parametrize("wrap", [every, negated])
@pytest.mark.parametrize(("levels", "fine"), [(7, True), (8, False)])
def test_the_eighth_level_is_the_last(wrap, levels, fine):
    message = equals("a", "b")
    for _ in range(levels):
        message = wrap(message)
    if fine:
        read(message)
    else:
        with pytest.raises(InvalidRequest, match="more than 8 levels"):
            read(message)


def test_the_conditions_are_counted_wherever_they_stand():
    either = filter_pb2.Filter(any=filter_pb2.AnyFilter(filters=[FLAG] * 8))
    read(every(*[either] * 8))
    assert refused(every(*[either] * 8, negated(FLAG))) == ["filter"]


def test_what_is_too_long_is_counted_and_not_read():
    """A limit that came after the reading would name the fields inside."""
    assert refused(any_of(*[value_pb2.Value()] * 3), Limits(filter_values=2)) == ["filter.any_of.values"]
    assert refused(every(*[filter_pb2.Filter()] * 3), Limits(filter_conditions=2)) == ["filter.all.filters"]


def test_every_violation_is_told_at_once():
    wrong = every(equals("", "a"), ranged(at_least=float("nan"), at_most=float("inf")), any_of(), filter_pb2.Filter())
    assert refused(wrong) == [
        "filter.all.filters[0].equals.attribute",
        "filter.all.filters[1].range.at_least",
        "filter.all.filters[1].range.at_most",
        "filter.all.filters[2].any_of.values",
        "filter.all.filters[3]",
    ]


def test_a_bush_of_filters_ends_soon():
    """Sixty-four filters in each of many filters: reading stops with the conditions, not with the bush."""
    bush = every(*[every(*[every(*[FLAG] * 64)] * 64)] * 64)
    assert refused(bush) == ["filter"]
