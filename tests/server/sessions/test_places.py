"""Who may have a place, and when it is taken away; over a real socket in `test_stream.py`."""

import threading
from dataclasses import replace
from typing import ClassVar

import pytest
from calls import until

from shortlist_server.errors import Draining, FeatureOff, Overloaded, SessionOver
from shortlist_server.limits import LIMITS
from shortlist_server.sessions.places import Places

QUICK = replace(LIMITS, session_opening=0.02, session_idle=0.02)
OLD = replace(LIMITS, session_seconds=0.0)


@pytest.fixture(autouse=True)
def left():
    """Leave every place, so that nobody watches after the test."""
    yield
    for call in Call.made:
        call.place.leave()
    Call.made.clear()


class Call:
    """What a place may do to its call."""

    made: ClassVar = []

    def __init__(self, places):
        self.errors = []
        self.cancelled = threading.Event()
        self.place = places.enter(self.errors.append, self.cancelled.set)
        self.made.append(self)

    @property
    def error(self):
        (error,) = self.errors
        return error


def test_there_are_so_many_places():
    places = Places(most=2)
    calls = [Call(places) for _ in range(2)]
    with pytest.raises(Overloaded, match="too many sessions"):
        Call(places)
    assert calls[0].place.leave()
    Call(places)
    assert len(places) == 2


def test_without_places_sessions_are_switched_off():
    with pytest.raises(FeatureOff, match="--sessions"):
        Call(Places(most=0))


def test_a_place_is_left_once():
    places = Places(most=1)
    place = Call(places).place
    assert (place.leave(), place.leave()) == (True, False)


def test_messages_pass_through():
    place = Call(Places(most=1)).place
    assert list(place.messages(iter("abc"))) == ["a", "b", "c"]


def test_who_says_nothing_loses_the_place():
    places = Places(most=1, limits=replace(QUICK, session_idle=600.0))
    call = Call(places)
    until(lambda: call.errors)
    assert isinstance(call.error, SessionOver)
    assert len(places) == 0
    assert not call.place.leave()


def test_who_falls_silent_loses_the_place():
    call = Call(Places(most=1, limits=replace(QUICK, session_opening=600.0)))
    messages = call.place.messages(iter("ab"))
    next(messages)
    next(messages, None)
    with pytest.raises(StopIteration):
        next(messages)
    until(lambda: call.errors)
    assert "idle" in str(call.error)


def test_a_call_that_was_ended_takes_no_message():
    call = Call(Places(most=1, limits=QUICK))
    until(lambda: call.errors)
    assert list(call.place.messages(iter("abc"))) == []


def test_a_message_in_hand_is_not_idle_time_until_nobody_can_mean_it():
    places = Places(most=1, limits=replace(LIMITS, session_opening=0.02))
    call = Call(places)
    next(call.place.messages(iter("a")))
    for _ in range(3):
        call.place.tend()
    assert not call.errors
    assert not call.cancelled.is_set()
    call = Call(Places(most=1, limits=replace(LIMITS, session_idle=0.02)))
    next(call.place.messages(iter("a")))
    assert call.cancelled.wait(60.0)
    assert not call.errors


def test_an_old_session_ends_after_its_message():
    call = Call(Places(most=1, limits=OLD))
    messages = call.place.messages(iter("ab"))
    assert next(messages) == "a"
    with pytest.raises(SessionOver, match="lasted 0 s"):
        next(messages)


def test_an_old_session_that_waits_ends_at_once():
    call = Call(Places(most=1, limits=OLD))
    call.place.tend()
    assert "lasted" in str(call.error)


def test_a_drain_ends_who_waits_and_lets_the_others_finish():
    places = Places(most=2)
    waits, works = Call(places), Call(places)
    messages = works.place.messages(iter("ab"))
    assert next(messages) == "a"
    places.drain()
    assert isinstance(waits.error, Draining)
    assert not works.errors
    with pytest.raises(Draining):
        next(messages)
    with pytest.raises(Draining):
        Call(places)


def test_nobody_is_watched_when_nobody_is_there():
    before = set(threading.enumerate())
    places = Places(most=1, limits=QUICK)
    call = Call(places)
    (watcher,) = set(threading.enumerate()) - before
    call.place.leave()
    watcher.join(60.0)
    assert not watcher.is_alive()
    call = Call(places)
    until(lambda: call.errors)


def test_a_call_that_cannot_be_ended_leaves_the_others_watched(caplog):
    places = Places(most=2, limits=QUICK)

    def fail(_error):
        raise RuntimeError("no such call")

    broken = places.enter(fail, fail)
    call = Call(places)
    # Whoever watches goes through the places in no order: either may come first.
    until(lambda: call.errors)
    until(lambda: "could not be ended" in caplog.text)
    broken.leave()
