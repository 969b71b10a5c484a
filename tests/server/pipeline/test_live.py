"""A pipeline that follows the log of changes."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from small_models import IDLE, LOG_END, customer, item, model_of

from shortlist_bundle.changes.change import CustomerDescribed, CustomerForgotten, EventRecorded
from shortlist_bundle.changes.memory import MemoryLog
from shortlist_bundle.live.co_occurrence import CoOccurrence
from shortlist_bundle.state.event_weights import EventWeights
from shortlist_server.errors import DeadlineTooShort, FeatureOff, InvalidRequest, UnknownCustomer
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.live import LivePipeline
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.request import Event, Profile, RecommendRequest, Seen, SimilarCustomersRequest

MODEL = model_of()


def base_of(model=MODEL, *, clock=ClockPolicy.LOG_END):
    return Pipeline(model, name="default", version="v", bundle_id="0" * 64, clock=clock)


def live_of(model=MODEL, *, log=None, clock=ClockPolicy.LOG_END):
    return LivePipeline(base_of(model, clock=clock), MemoryLog() if log is None else log)


def event(number, customer_id, item_id, timestamp=LOG_END, **fields):
    return EventRecorded(event_id=f"e{number}", customer_id=customer_id, item_id=item_id, timestamp=timestamp, **fields)


def lists(pipeline, **fields):
    (answer,) = pipeline.recommend([RecommendRequest(**{"k": 30, **fields})])
    return answer.item_ids, [round(score, 5) for score in answer.scores], answer.fallbacks


BROUGHT = [(item(3), LOG_END - 5), (item(9), LOG_END + 4), (item(4), LOG_END + 5000)]
"""Items and times, in the log, just after it, and long after it."""


@pytest.fixture
def no_pairs(monkeypatch):
    """Let events move their customers' histories alone, and not what is counted over all customers."""
    monkeypatch.setattr(CoOccurrence, "take", lambda *_: None)


@pytest.mark.usefixtures("no_pairs")
@pytest.mark.parametrize("as_of", [None, LOG_END + 5.0, LOG_END + 5000.0, LOG_END + 9000.0])
@pytest.mark.parametrize("who", [customer(2), customer(6), "new"])
@pytest.mark.parametrize("seen", list(Seen))
def test_what_was_recorded_counts_as_what_a_request_brings(who, as_of, seen):
    """Recording an event, or sending it along in the profile, gives the same list."""
    live = live_of()
    happened = [(one, time) for one, time in BROUGHT if as_of is None or time <= as_of]
    live.record([event(n, who, *taking) for n, taking in enumerate(happened)])
    history = [Event(item_id=one, timestamp=time) for one, time in happened]
    brought = lists(base_of(), customer_id=who, profile=Profile(history=history), as_of=as_of, seen=seen)
    assert lists(live, customer_id=who, as_of=as_of, seen=seen) == brought
    assert brought != lists(base_of(), customer_id=who, as_of=as_of, seen=seen)


def test_a_request_that_looks_back_does_not_see_what_came_later():
    live = live_of()
    before = lists(live, customer_id=customer(2), as_of=LOG_END + 1)
    live.record([event(1, customer(2), item(3), LOG_END + 5)])
    assert lists(live, customer_id=customer(2), as_of=LOG_END + 1) == before
    assert lists(live, customer_id=customer(2), as_of=LOG_END + 6) != before


def test_nobody_else_is_touched_and_the_same_position_gives_the_same_list():
    live = live_of()
    others = [lists(live, customer_id=customer(n)) for n in (1, 3)]
    live.record([event(1, customer(2), item(3))])
    assert [lists(live, customer_id=customer(n)) for n in (1, 3)] == others
    assert len({str(lists(live, customer_id=customer(2))) for _ in range(50)}) == 1


def test_a_batch_answers_each_as_alone():
    live = live_of()
    live.record([event(1, customer(2), item(3)), event(2, "new", item(5)), event(3, customer(2), item(6))])
    names = [customer(1), customer(2), "new", "stranger", customer(6)]
    together = live.recommend([RecommendRequest(customer_id=name, k=10) for name in names])
    alone = [live.recommend([RecommendRequest(customer_id=name, k=10)])[0] for name in names]
    assert [one.item_ids for one in together] == [one.item_ids for one in alone]
    for one, other in zip(together, alone, strict=True):
        # The scorer multiplies matrices, whose last bit may depend on how many rows they have.
        assert list(one.scores) == pytest.approx(list(other.scores), abs=1e-5)


def test_a_new_customer_is_known_by_name_and_answered_from_what_is_stored():
    live = live_of()
    (answer,) = live.recommend([RecommendRequest(customer_id="new", require_known=True)])
    assert isinstance(answer, UnknownCustomer)
    live.record([event(1, "new", item(5)), CustomerDescribed(customer_id="other", features={"age": 33.0})])
    (answer,) = live.recommend([RecommendRequest(customer_id="new", require_known=True)])
    assert answer.known_customer
    assert answer.fallbacks == ("cold_start:history",)
    (answer,) = live.recommend([RecommendRequest(customer_id="other")])
    assert answer.fallbacks == ("cold_start:features",)
    described = lists(base_of(), customer_id="other", profile=Profile(features={"age": 33.0}))
    assert lists(live, customer_id="other") == described


def test_a_forgotten_customer_is_a_stranger_at_once():
    live = live_of()
    live.record([event(1, customer(2), item(3)), CustomerForgotten(customer_id=customer(2))])
    assert lists(live, customer_id=customer(2)) == lists(base_of(), customer_id="stranger")
    near = SimilarCustomersRequest(customer_id=customer(1), k=5)
    assert customer(2) in base_of().similar_customers(near).customer_ids
    found = live.similar_customers(near)
    assert customer(2) not in found.customer_ids
    assert len(found.customer_ids) == len(base_of().similar_customers(near).customer_ids) - 1


@pytest.mark.usefixtures("no_pairs")
def test_kinds_count_as_training_has_them_count():
    weights = EventWeights(weights={"view": 0.25, "return": -1.0}, main="view")
    live = live_of(model_of(event_weights=weights))
    plain = lists(live, customer_id="new")
    live.record([event(1, "new", item(3), event="return"), event(2, "new", item(3), event="wave")])
    assert lists(live, customer_id="new") == plain
    live.record([event(3, "new", item(3), event="", value=2.0)])
    brought = Profile(history=[Event(item_id=item(3), timestamp=LOG_END, value=0.5)])
    assert lists(live, customer_id="new") == lists(base_of(), customer_id="new", profile=brought)


def test_an_event_of_an_unknown_item_changes_nothing():
    live = live_of()
    live.record([event(1, "new", "no such item")])
    assert lists(live, customer_id="new") == lists(base_of(), customer_id="new")


@pytest.mark.usefixtures("no_pairs")
def test_nothing_counts_twice_after_a_retrain():
    """The new bundle has seen the log up to its position; only what stands behind it is laid over."""
    log = MemoryLog()
    first = log.append([event(1, customer(2), item(3), LOG_END - 1), event(2, customer(2), item(4), LOG_END)]).position
    old = live_of(log=log)
    old.catch_up()
    row = np.array([2], np.int32)
    retrained = replace(
        MODEL, snapshot=replace(MODEL.snapshot, events=old.current.served.state.histories(np.arange(7)), position=first)
    )
    log.append([event(3, customer(2), item(5), LOG_END)])
    for live in (new := live_of(retrained, log=log), old):
        live.catch_up()
    length = MODEL.snapshot.histories(row).lengths[0] + 3
    assert new.current.served.state.histories(row).lengths.tolist() == [length]
    assert lists(new, customer_id=customer(2)) == lists(old, customer_id=customer(2))
    # Without the watermark two events would count twice.
    twice = live_of(replace(retrained, snapshot=replace(retrained.snapshot, position=0)), log=log)
    twice.catch_up()
    assert twice.current.served.state.histories(row).lengths.tolist() == [length + 2]


def test_a_replay_comes_to_the_same_state():
    log = MemoryLog()
    live = live_of(log=log)
    for number in range(20):
        live.record([event(number, customer(number % 7), item(1 + number), LOG_END + number)])
    again = live_of(log=log)
    again.catch_up()
    assert again.position == live.position
    for number in range(8):
        assert lists(again, customer_id=customer(number)) == lists(live, customer_id=customer(number))


def test_a_position_is_reached_by_whoever_asks_for_it():
    log = MemoryLog()
    one, other = live_of(log=log), live_of(log=log)
    position = one.record([event(1, "new", item(3))]).position
    assert lists(other, customer_id="new") == lists(base_of(), customer_id="new")
    other.reach(position, 1.0)
    assert other.position == position
    assert lists(other, customer_id="new") == lists(one, customer_id="new")
    other.reach(position, 0.0)


def test_a_position_that_the_log_does_not_have_is_refused():
    with pytest.raises(InvalidRequest) as caught:
        live_of().reach(1, 1.0)
    assert caught.value.violations[0].field == "after_position"
    with pytest.raises(FeatureOff):
        base_of().reach(1, 1.0)
    base_of().reach(0, 1.0)


class StuckLog(MemoryLog):
    """Answers no read until it is told to."""

    def __init__(self):
        super().__init__()
        self.free = threading.Event()

    def read(self, after, *, limit):
        self.free.wait(10.0)
        return super().read(after, limit=limit)


def test_nobody_waits_for_a_position_beyond_the_deadline():
    log = StuckLog()
    position = log.append([event(1, "new", item(3))]).position
    live = live_of(log=log)
    busy = threading.Thread(target=live.catch_up)
    busy.start()
    try:
        with pytest.raises(DeadlineTooShort):
            live.reach(position, 0.05)
    finally:
        log.free.set()
        busy.join()
    live.reach(position, 0.05)


def test_a_follower_sees_what_others_have_written():
    log = MemoryLog()
    live = live_of(log=log)
    live.follow(pause=0.005)
    try:
        position = log.append([event(1, "new", item(3))]).position
        for _ in range(1000):
            if live.position >= position:
                break
            threading.Event().wait(0.01)
        assert live.position == position
    finally:
        live.close()


class BrokenOnce(MemoryLog):
    """Cannot be asked for its newest position the first time."""

    asked = 0

    def newest(self):
        self.asked += 1
        if self.asked == 1:
            raise OSError("the disk is gone")
        return super().newest()


def test_a_follower_outlives_a_log_that_fails(caplog):
    log = BrokenOnce()
    log.append([event(1, "new", item(3))])
    live = live_of(log=log)
    live.follow(pause=0.005)
    try:
        for _ in range(1000):
            if live.position:
                break
            threading.Event().wait(0.01)
        assert live.position == 1
    finally:
        live.close()
    assert "cannot be followed" in caplog.text


def test_an_idle_log_costs_nothing_and_changes_nothing():
    live = live_of()
    before = live.current
    live.catch_up()
    assert live.current is before
    assert live.current.served is MODEL
    assert IDLE
