from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist.v1 import filter_pb2, value_pb2
from shortlist_client import BadRequest, filters
from shortlist_client.filters import All, Any, AnyOf, Equals, Flag, Not, Range
from shortlist_client.translation.filters import filter_message

BRANDS = ["a", "b", "c"]
ITEMS = [
    {"brand": brand, "price": price, "new": new} for brand in BRANDS for price in range(4) for new in (True, False)
]


def equals(attribute, text):
    return filter_pb2.Filter(equals=filter_pb2.EqualsFilter(attribute=attribute, value=value_pb2.Value(text=text)))


def test_no_filter():
    assert filter_message(None) is None
    assert filter_message({}) is None


def test_a_mapping_means_that_all_must_hold():
    both = filter_pb2.Filter(all=filter_pb2.AllFilter(filters=[equals("brand", "a"), equals("size", "xl")]))

    assert filter_message({"brand": "a"}) == equals("brand", "a")
    assert filter_message({"brand": "a", "size": "xl"}) == both


def test_a_list_in_a_mapping_means_any_of_these():
    message = filter_message({"brand": ["a", "b"]})

    assert [one.text for one in message.any_of.values] == ["a", "b"]
    assert message == filter_message(AnyOf("brand", ["a", "b"]))


def test_a_range_sends_only_the_limits_that_are_given():
    message = filter_message(Range(attribute="added", at_least=datetime(1970, 1, 2, tzinfo=UTC), less_than=0)).range

    assert (message.at_least, message.less_than) == (86400.0, 0.0)
    assert not message.HasField("more_than")
    assert not message.HasField("at_most")
    assert message.HasField("less_than")


def test_limits_are_read_as_they_are_written():
    assert Range("price", at_most=20) == Range(attribute="price", at_most=20)
    assert filter_message(Range("price", at_most=20)).range.at_most == 20.0
    with pytest.raises(TypeError):
        Range("price", 20)


def test_a_filter_can_be_sent_more_than_once_and_be_a_key():
    for filter in (AnyOf("brand", iter(["a"])), All(iter([Flag("new")])), Any(iter([Flag("new")]))):
        assert filter_message(filter) == filter_message(filter)
        assert hash(filter) == hash(filter)
    assert AnyOf("brand", ["a"]) == AnyOf("brand", ("a",))


def test_operators_join_filters():
    a, b = Equals("brand", "a"), Flag("new")

    assert a & b == All((a, b))
    assert a | ~b == Any((a, Not(b)))


@pytest.mark.parametrize(
    "given", ["brand", 3, All(["brand"]), All("brand"), AnyOf("brand", "a"), Equals("brand", object())]
)
def test_what_is_no_filter_is_refused(given):
    with pytest.raises(BadRequest):
        filter_message(given)


def leaves():
    return st.one_of(
        st.builds(Equals, st.just("brand"), st.sampled_from(BRANDS)),
        st.builds(AnyOf, st.just("brand"), st.lists(st.sampled_from(BRANDS), min_size=1)),
        st.builds(Flag, st.just("new"), st.booleans()),
        st.builds(lambda low, high: Range(attribute="price", at_least=low, less_than=high), *[st.integers(0, 4)] * 2),
        st.builds(lambda low, high: Range(attribute="price", more_than=low, at_most=high), *[st.integers(0, 4)] * 2),
    )


def branches(parts):
    several = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(st.builds(All, several), st.builds(Any, several), st.builds(Not, parts))


@given(st.recursive(leaves(), branches, max_leaves=8))
def test_the_message_means_what_the_filter_says(given):
    message = filter_message(given)

    for item in ITEMS:
        assert holds(message, item) == meets(given, item)


def meets(given, item):
    match given:
        case Equals(attribute, wanted) | Flag(attribute, wanted):
            return item[attribute] == wanted
        case AnyOf(attribute, options):
            return item[attribute] in options
        case Range():
            number = item[given.attribute]
            return all(
                (
                    given.at_least is None or number >= given.at_least,
                    given.more_than is None or number > given.more_than,
                    given.at_most is None or number <= given.at_most,
                    given.less_than is None or number < given.less_than,
                )
            )
        case All(parts):
            return all(meets(part, item) for part in parts)
        case Any(parts):
            return any(meets(part, item) for part in parts)
        case Not(part):
            return not meets(part, item)


def holds(message, item):
    kind = message.WhichOneof("condition")
    body = getattr(message, kind)
    match kind:
        case "equals":
            return item[body.attribute] == body.value.text
        case "any_of":
            return item[body.attribute] in [one.text for one in body.values]
        case "flag":
            return item[body.attribute] == body.wanted
        case "range":
            tests = {"at_least": "__ge__", "more_than": "__gt__", "at_most": "__le__", "less_than": "__lt__"}
            number = float(item[body.attribute])
            return all(
                getattr(number, test)(getattr(body, limit)) for limit, test in tests.items() if body.HasField(limit)
            )
        case "all":
            return all(holds(part, item) for part in body.filters)
        case "any":
            return any(holds(part, item) for part in body.filters)
        case "negation":
            return not holds(body.filter, item)


def test_every_condition_of_the_protocol_has_a_filter():
    made = {filter_message(one).WhichOneof("condition") for one in every_filter()}

    assert made == {field.name for field in filter_pb2.Filter.DESCRIPTOR.oneofs_by_name["condition"].fields}


def every_filter():
    leaf = Equals("a", 1)
    return [leaf, AnyOf("a", [1]), Range(attribute="a"), Flag("a"), leaf & leaf, leaf | leaf, ~leaf]


def test_every_filter_is_a_filter():
    kinds = [kind for kind in vars(filters).values() if isinstance(kind, type) and kind.__module__ == filters.__name__]

    assert len(kinds) == 8
    assert all(issubclass(kind, filters.Filter) for kind in kinds)
