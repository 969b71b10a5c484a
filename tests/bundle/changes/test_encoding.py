"""Changes come back from their bytes as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.changes.change import (
    CustomerDescribed,
    CustomerForgotten,
    EventRecorded,
    ItemDeleted,
    ItemUpserted,
    ListShown,
)
from shortlist_bundle.changes.encoding import read_change, write_change
from shortlist_bundle.errors import DocumentError

texts = st.text(max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
scalars = st.one_of(texts, numbers, st.integers(-(2**63), 2**63 - 1), st.booleans())
values = st.one_of(scalars, st.lists(texts, max_size=3).map(tuple))
moments = st.none() | numbers
changes = st.one_of(
    st.builds(
        EventRecorded,
        event_id=texts,
        customer_id=texts,
        item_id=texts,
        timestamp=numbers,
        event=texts,
        value=numbers,
        rating=st.none() | numbers,
        order_id=texts,
        context=st.dictionaries(texts, scalars, max_size=3),
        impression_id=texts,
        rank=st.none() | st.integers(0, 2**32 - 1),
        placement=texts,
    ),
    st.builds(
        ItemUpserted,
        item_id=texts,
        attributes=st.dictionaries(texts, values, max_size=3),
        available_from=moments,
        available_until=moments,
    ),
    st.builds(ItemDeleted, item_id=texts),
    st.builds(CustomerDescribed, customer_id=texts, features=st.dictionaries(texts, st.none() | values, max_size=3)),
    st.builds(CustomerForgotten, customer_id=texts),
    st.builds(
        ListShown,
        impression_id=texts,
        bundle_id=texts,
        customer_id=texts,
        moment=numbers,
        item_ids=st.lists(texts, max_size=3).map(tuple),
        **dict.fromkeys(("chances", "novelty", "vector"), st.lists(st.floats(-9, 9), max_size=3).map(tuple)),
    ),
)


@given(changes)
def test_what_is_written_is_read(change):
    assert read_change(write_change(change)) == change


def test_defaults_take_no_room():
    event = EventRecorded(event_id="e1", customer_id="anna", item_id="milk", timestamp=2.5)
    assert write_change(event) == (
        b'{"change":"event_recorded","customer_id":"anna","event_id":"e1","item_id":"milk","timestamp":2.5}'
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"change":"unheard_of"}',
        b'{"change":"item_deleted"}',
        b'{"change":"item_deleted","item_id":7}',
        b'{"change":"item_deleted","item_id":"a","more":1}',
        b'{"change":"item_upserted","item_id":"a","attributes":{"x":[1]}}',
        b'{"change":"item_upserted","item_id":"a","attributes":{"x":{}}}',
        b'{"change":"item_upserted","item_id":"a","attributes":[]}',
    ],
)
def test_other_bytes_are_refused(data):
    with pytest.raises(DocumentError):
        read_change(data)


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(DocumentError):
        write_change(EventRecorded(event_id="e", customer_id="c", item_id="i", timestamp=float("nan")))
