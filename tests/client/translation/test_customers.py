from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_client import BadRequest, Customer, Event, Item, Profile
from shortlist_client.translation.customers import customer_messages, item_messages, profile_message

EVENTS = st.lists(
    st.builds(
        Event,
        item_id=st.text(max_size=5),
        timestamp=st.none() | st.floats(0, 1e9),
        value=st.just(1.0) | st.floats(0, 10),
        rating=st.none() | st.floats(1, 5),
        event=st.sampled_from(["", "view", "purchase"]),
    ),
    max_size=5,
)


def test_a_profile_carries_features_and_history():
    message = profile_message(Profile(features={"age": 40}, history=["i1", Event(item_id="i2", rating=4.5)]))

    assert message.features["age"].integer == 40
    assert list(message.history.item_ids) == ["i1", "i2"]
    assert isnan(message.history.ratings[0])
    assert message.history.ratings[1] == 4.5
    assert not message.history.timestamps
    assert not message.history.values
    assert not message.history.events


def test_no_profile_and_no_history_are_no_messages():
    assert profile_message(None) is None
    assert not profile_message(Profile()).HasField("history")


@given(EVENTS)
def test_a_history_arrives_as_it_was(events):
    history = profile_message(Profile(history=iter(events))).history
    length = len(history.item_ids)

    def column(array, default):
        assert len(array) in (0, length)
        return list(array) or [default] * length

    def absent(number):
        return None if isnan(number) else number

    arrays = (
        history.item_ids,
        column(history.timestamps, float("nan")),
        column(history.values, 1.0),
        column(history.ratings, float("nan")),
        column(history.events, ""),
    )
    arrived = [
        Event(item_id=item, timestamp=absent(timestamp), value=amount, rating=absent(rating), event=event)
        for item, timestamp, amount, rating, event in zip(*arrays, strict=True)
    ]
    assert arrived == events


def test_customers_are_ids_profiles_or_both():
    profile = Profile(features={"age": 40})

    by_id, stranger, both = customer_messages(["c1", profile, Customer(customer_id="c2", profile=profile)])

    assert (by_id.customer_id, by_id.HasField("profile")) == ("c1", False)
    assert (stranger.customer_id, stranger.profile.features["age"].integer) == ("", 40)
    assert (both.customer_id, both.HasField("profile")) == ("c2", True)


def test_items_are_ids_or_descriptions():
    known, described = item_messages(["i1", Item(item_id="i2", attributes={"tags": ["a"]})])

    assert (known.item_id, len(known.attributes)) == ("i1", 0)
    assert (described.item_id, list(described.attributes["tags"].texts.values)) == ("i2", ["a"])


@pytest.mark.parametrize("given", ["c1", Profile(), Customer(), [3]])
def test_what_is_no_sequence_of_customers_is_refused(given):
    with pytest.raises(BadRequest, match=r"^customers: takes"):
        customer_messages(given)


@pytest.mark.parametrize("given", ["i1", Item()])
def test_what_is_no_sequence_of_items_is_refused(given):
    with pytest.raises(BadRequest, match=r"^items: takes"):
        item_messages(given)
