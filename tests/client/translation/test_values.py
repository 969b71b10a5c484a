from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist.v1 import value_pb2
from shortlist_client import BadRequest
from shortlist_client.translation.values import ids, seconds, value, values


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("a", value_pb2.Value(text="a")),
        ("", value_pb2.Value(text="")),
        (True, value_pb2.Value(flag=True)),
        (False, value_pb2.Value(flag=False)),
        (3, value_pb2.Value(integer=3)),
        (-(2**63), value_pb2.Value(integer=-(2**63))),
        (2**63, value_pb2.Value(number=2.0**63)),
        (3.0, value_pb2.Value(number=3.0)),
        (np.int32(3), value_pb2.Value(integer=3)),
        (np.float32(0.5), value_pb2.Value(number=0.5)),
        (datetime(1970, 1, 2, tzinfo=UTC), value_pb2.Value(number=86400.0)),
        (["a", "b"], value_pb2.Value(texts=value_pb2.TextList(values=["a", "b"]))),
        ((), value_pb2.Value(texts=value_pb2.TextList())),
        (None, value_pb2.Value()),
    ],
)
def test_the_kind_follows_from_the_type(given, message):
    found = value(given, "field")

    assert found == message
    assert found.WhichOneof("kind") == message.WhichOneof("kind")


@pytest.mark.parametrize("given", [b"a", {"a": 1}, object(), [1], ["a", None]])
def test_what_has_no_kind_is_refused(given):
    with pytest.raises(BadRequest) as caught:
        value(given, "field")

    assert list(caught.value.violations) == ["field"]


@given(st.one_of(st.text(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.booleans()))
def test_a_value_arrives_as_it_was(scalar):
    copy = value_pb2.Value.FromString(value(scalar, "field").SerializeToString())

    arrived = getattr(copy, copy.WhichOneof("kind"))
    assert arrived == scalar
    assert type(arrived) is type(scalar)


def test_the_column_at_fault_is_named():
    with pytest.raises(BadRequest, match=r'context\["b"\]'):
        values({"a": 1, "b": object()}, "context")


def test_no_values_are_no_fields():
    assert values(None, "context") == {}


def test_seconds_count_from_1970_in_any_time_zone():
    assert seconds(datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), "as_of") == 0.0
    assert seconds(5, "as_of") == 5.0


def test_ids_are_a_sequence():
    assert ids(iter(["a", "b"]), "items") == ["a", "b"]
    with pytest.raises(BadRequest, match="not one text"):
        ids("ab", "items")
