"""Sessions with the small shop over a real socket: what was just taken goes, and what goes with it comes."""

import asyncio

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted import CATEGORIES, COMING, GONE, TOWNS, category_of, customer_id, item_id

from shortlist_client import Event, Profile, Seen, aio

TAKEN = [item_id(n) for n in range(12)]
"""Two items of each category."""


def share(found, item):
    """Which part of a list is of the category of an item."""
    return np.mean([category_of(int(one[1:])) == category_of(int(item[1:])) for one in found.item_ids])


def rank(found, item):
    return found.item_ids.index(item) if item in found.item_ids else len(found)


def test_people_of_the_shop_take_things_again(shop):
    """Else it would be no news that what was taken is not offered again."""
    assert shop.served.policy.seen_allowed


@pytest.mark.parametrize("who", [None, "silent-1", customer_id(3)])
def test_what_was_taken_goes_and_its_like_comes(shop_client, who):
    before, after = [], []
    for item in TAKEN:
        with shop_client.session(who, k=20) as session:
            before.append(share(session.recommend(), item))
            found = session.event(item)
            after.append(share(found, item))
            assert item not in found.item_ids
            # It stays away, and is not alone.
            second = item_id((int(item[1:]) + CATEGORIES) % 54)
            assert {item, second}.isdisjoint(session.event(second).item_ids)
    # One of six by chance.
    assert np.mean(after) > np.mean(before) + 0.03
    assert np.mean(np.array(after) >= before) >= 0.75


def test_a_strangers_list_follows_every_event(shop_client):
    """Three items of one category, then three of another: each time the list is mostly of what came last."""
    with shop_client.session(k=10) as session:
        for category in (1, 4):
            for turn in range(3):
                found = session.event(item_id(category + CATEGORIES * turn))
            assert share(found, item_id(category)) > 0.3


def test_who_allows_repeats_is_offered_what_was_taken_higher_than_before(shop_client):
    rises = []
    for item in TAKEN:
        with shop_client.session(k=60, seen=Seen.INCLUDE) as session:
            rises.append(rank(session.recommend(), item) - rank(session.event(item), item))
    assert np.mean(np.array(rises) > 0) >= 0.75


def test_one_request_may_allow_repeats(shop_client):
    with shop_client.session(customer_id(3), k=60) as session:
        assert TAKEN[0] not in session.event(TAKEN[0]).item_ids
        assert TAKEN[0] in session.recommend(seen=Seen.INCLUDE).item_ids
        assert TAKEN[0] not in session.recommend().item_ids


def test_explanations_and_timings_come_along(shop_client):
    with shop_client.session(customer_id(3), k=5, explain=True, include_timings=True) as session:
        found = session.event(TAKEN[0])
        assert all(one.reasons for one in found)
        assert {"encode", "retrieve", "rerank"} <= set(found.timings_ms)
        plain = session.recommend(explain=False, include_timings=False)
        assert not plain.timings_ms
        assert not any(one.reasons for one in plain)


IDS = st.none() | st.sampled_from([customer_id(0), customer_id(40), "silent-1", "nobody"])
ITEMS = st.sampled_from([*TAKEN, GONE, COMING, "unheard of"])
MOMENTS = st.none() | st.sampled_from([1.48e9, 1.5000001e9, 1.51e9])
EVENTS = st.builds(Event, item_id=ITEMS, timestamp=MOMENTS, value=st.sampled_from([1.0, 3.0]))
OPENINGS = st.fixed_dictionaries(
    {
        "k": st.integers(1, 30),
        "seen": st.sampled_from(Seen),
        "filter": st.sampled_from([{}, {"organic": True}]),
        "exclude_items": st.lists(ITEMS.filter(lambda one: one != "unheard of"), max_size=2),
        "explain": st.booleans(),
    }
)


def unary(client, who, profile, told, as_of, asked):
    """Ask for the list of a session's moment in a single request that brings the same history."""
    history = (*profile.history, *told)
    taken = () if asked["seen"] is Seen.INCLUDE else [event.item_id for event in told if event.item_id != "unheard of"]
    return client.recommend(
        who,
        profile=Profile(features=profile.features, history=history),
        as_of=as_of,
        **{**asked, "exclude_items": [*asked["exclude_items"], *taken]},
    )


def said(found):
    """What an answer says, but for the name of the impression and the time it took."""
    return [(one.item_id, one.score, one.sources, one.reasons) for one in found], (
        found.bundle, found.as_of, found.clock, found.known_customer, found.fallbacks, found.unknown_items,
        found.unknown_attributes, found.candidates,
    )  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    IDS,
    st.dictionaries(st.just("town"), st.sampled_from(TOWNS), max_size=1),
    st.lists(ITEMS, max_size=2),
    st.lists(st.tuples(EVENTS, st.booleans()), min_size=1, max_size=4),
    OPENINGS,
    st.none() | st.integers(1, 30),
)
def test_each_answer_is_that_to_a_single_request_with_the_same_history(
    shop_client, who, features, before, events, opening, own_k
):
    as_of = 1.5e9
    profile = Profile(features=features, history=[Event(item_id=one, timestamp=as_of) for one in before])
    told = []
    with shop_client.session(who, profile=profile, as_of=as_of, **opening) as session:
        for event, quiet in events:
            as_of = max(as_of, event.timestamp or as_of)
            moment = as_of if event.timestamp is None else event.timestamp
            told.append(Event(item_id=event.item_id, timestamp=moment, value=event.value))
            if quiet:
                session.quiet_event(event)
            else:
                assert said(session.event(event)) == said(unary(shop_client, who, profile, told, as_of, opening))
        if own_k:
            asked = {**opening, "k": own_k, "seen": Seen.INCLUDE}
            found = session.recommend(k=own_k, seen=Seen.INCLUDE)
            assert said(found) == said(unary(shop_client, who, profile, told, as_of, asked))


def test_without_a_moment_of_its_own_a_session_has_that_of_the_server(shop_client):
    """The shop's server lives at the end of its log."""
    with shop_client.session(customer_id(3), k=20) as session:
        found = session.event(TAKEN[0])
    alone = shop_client.recommend(
        customer_id(3), profile=Profile(history=[TAKEN[0]]), k=20, exclude_items=[TAKEN[0]]
    )  # fmt: skip
    assert said(found) == said(alone)


def test_both_clients_have_the_same_sessions(shop_client, shop_address):
    async def ask():
        async with aio.Client(shop_address, timeout=30.0) as client, client.session(customer_id(3)) as session:
            first = await session.recommend()
            await session.quiet_event(TAKEN[0])
            return [first, await session.event(TAKEN[1]), await session.recommend(k=3)]

    with shop_client.session(customer_id(3)) as session:
        lists = [session.recommend()]
        session.quiet_event(TAKEN[0])
        lists += [session.event(TAKEN[1]), session.recommend(k=3)]
    assert [said(found) for found in lists] == [said(found) for found in asyncio.run(ask())]
