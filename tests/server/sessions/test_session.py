from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.filters.conditions import Equals
from shortlist_server.pipeline.request import Event, Profile, RecommendRequest, Seen
from shortlist_server.sessions.session import Session


def opened(*history, **settings):
    return RecommendRequest(customer_id="ann", profile=Profile(features={"age": 42}, history=history), **settings)


def session(*history, now=100.0, events=5, **settings):
    return Session(opened(*history, **settings), now=now, events=events)


def moments(request):
    return [(event.item_id, event.timestamp) for event in request.profile.history]


def test_a_fresh_session_asks_what_it_was_opened_with():
    asked = session(Event(item_id="a", timestamp=7.0), k=3, seen=Seen.EXCLUDE).asked()
    assert asked == opened(Event(item_id="a", timestamp=7.0), k=3, seen=Seen.EXCLUDE)


def test_what_happened_stays_where_it_happened():
    live = session(Event(item_id="before"), now=100.0)
    live.follow(Event(item_id="a"), now=110.0)
    live.follow(Event(item_id="b", timestamp=105.0, value=2.0), now=130.0)
    asked = live.asked()
    assert moments(asked) == [("before", 100.0), ("a", 110.0), ("b", 105.0)]
    assert asked.profile.history[-1].value == 2.0
    assert asked.as_of is None
    assert asked.taken == ("a", "b")
    assert (asked.customer_id, asked.profile.features) == ("ann", {"age": 42})


def test_where_the_caller_keeps_the_time_the_servers_clock_says_nothing():
    own = session(Event(item_id="before"), now=999.0, as_of=50.0)
    own.follow(Event(item_id="a"), now=999.0)
    assert own.asked().as_of == 50.0
    own.follow(Event(item_id="b", timestamp=60.0), now=999.0)
    own.follow(Event(item_id="c", timestamp=55.0), now=999.0)
    own.follow(Event(item_id="d"), now=999.0)
    asked = own.asked()
    assert asked.as_of == 60.0
    assert moments(asked) == [("before", 50.0), ("a", 50.0), ("b", 60.0), ("c", 55.0), ("d", 60.0)]


def test_moments_before_1970_count_too():
    own = session(as_of=-50.0)
    own.follow(Event(item_id="a", timestamp=0.0), now=999.0)
    assert own.asked().as_of == 0.0


def test_a_request_has_settings_of_its_own_for_once():
    live = session(k=3, filter=Equals("brand", "x"), explain=True)
    live.follow(Event(item_id="a"), now=110.0)
    own = live.asked(RecommendRequest(k=7, seen=Seen.INCLUDE))
    assert (own.k, own.filter, own.explain, own.seen) == (7, None, False, Seen.INCLUDE)
    assert (own.customer_id, moments(own), own.taken) == ("ann", [("a", 110.0)], ("a",))
    again = live.asked()
    assert (again.k, again.filter, again.explain) == (3, Equals("brand", "x"), True)


def test_a_request_may_have_a_moment_of_its_own():
    own = session(as_of=50.0)
    assert own.asked(RecommendRequest(as_of=40.0)).as_of == 40.0
    assert own.asked(RecommendRequest()).as_of == 50.0


@given(st.integers(0, 8), st.integers(0, 12), st.integers(1, 6))
def test_the_newest_events_count(before, during, limit):
    live = session(*(Event(item_id=f"b{n}") for n in range(before)), events=limit)
    for n in range(during):
        live.follow(Event(item_id=f"d{n}"), now=200.0 + n)
    everything = [f"b{n}" for n in range(before)] + [f"d{n}" for n in range(during)]
    asked = live.asked()
    assert [event.item_id for event in asked.profile.history] == everything[-limit:]
    assert list(asked.taken) == [f"d{n}" for n in range(during)][-limit:]
