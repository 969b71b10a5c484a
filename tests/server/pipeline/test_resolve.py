"""From what a request says of a customer to what the engine reads."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import IDLE, LOG_END, context_model, customer, item, model_of

from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.spec import ColumnSpec, FeatureSpec, NumberFit
from shortlist_bundle.signals.past import sum_up
from shortlist_server.errors import InvalidRequest, UnknownCustomer
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.reply import ClockUsed
from shortlist_server.pipeline.request import Event, Profile, RecommendRequest
from shortlist_server.pipeline.resolve import STALE_LOG, check_features, customer_batch, resolve

MODEL = model_of()
AGE, AGE_MISSING = 0, 1


def ask(*, features=None, history=(), model=MODEL, policy=ClockPolicy.LOG_END, **fields):
    events = [
        Event(item_id=one) if isinstance(one, str) else Event(item_id=one[0], timestamp=one[1]) for one in history
    ]
    request = RecommendRequest(profile=Profile(features=features or {}, history=events), **fields)
    return resolve(model, request, policy)


def batch(*resolved, model=MODEL):
    return customer_batch(model, resolved)


def own(history):
    return list(zip(MODEL.items.ids(history.items), history.times.tolist(), strict=True))


def stored(number):
    return own(MODEL.snapshot.histories(np.array([number])))


def test_a_known_customer_has_the_stored_features_and_history():
    one = batch(ask(customer_id=customer(2)))
    assert one.rows.tolist() == [2]
    assert own(one.history) == stored(2)
    np.testing.assert_array_equal(one.features.numbers, MODEL.snapshot.encoded.numbers[[2]])


@pytest.mark.parametrize("customer_id", [None, "", "nobody"])
def test_a_stranger_has_neither(customer_id):
    found = ask(customer_id=customer_id)
    assert not found.known
    one = batch(found)
    assert one.rows.tolist() == [0]
    assert not len(one.history.items)
    np.testing.assert_array_equal(one.features.numbers, MODEL.customer_encoder.empty(1).numbers)


def test_a_stranger_may_be_refused():
    with pytest.raises(UnknownCustomer):
        ask(customer_id="nobody", require_known=True)
    with pytest.raises(UnknownCustomer):
        ask(require_known=True)
    assert ask(customer_id=customer(1), require_known=True).known


def test_what_the_request_says_replaces_the_stored_feature_and_leaves_the_others():
    encode = MODEL.customer_encoder.encode
    before = MODEL.snapshot.encoded.take([2])
    one = batch(ask(customer_id=customer(2), features={"age": 70.0, "town": "ash"})).features
    np.testing.assert_array_equal(one.numbers, encode({"age": [70.0]}, 1).numbers)
    np.testing.assert_array_equal(one.bags["town"], encode({"town": ["ash"]}, 1).bags["town"])
    np.testing.assert_array_equal(one.bags["tags"], before.bags["tags"])
    one = batch(ask(customer_id=customer(2), features={"tags": ["c"]})).features
    np.testing.assert_array_equal(one.bags["tags"], encode({"tags": [["c"]]}, 1).bags["tags"])
    np.testing.assert_array_equal(one.numbers, before.numbers)


def test_a_feature_that_was_missing_is_missing_no_longer():
    before = MODEL.snapshot.encoded.take([3]).numbers[0]
    after = batch(ask(customer_id=customer(3), features={"age": 40.0})).features.numbers[0]
    assert before[AGE_MISSING] == after[AGE] + 1 == 1
    assert after[AGE_MISSING] == 0


def test_a_column_may_be_named_like_the_flag_of_another():
    fit = NumberFit(mean=0, scale=1, low=-9, high=9)
    columns = [ColumnSpec(name, ColumnKind.NUMBER, fit) for name in ("age", "age (missing)")]
    encoder = FeatureEncoder(FeatureSpec(tuple(columns)))
    known = encoder.encode({"age": [None] + [1.0] * 6, "age (missing)": [None] + [2.0] * 6}, 7)
    model = model_of(customer_encoder=encoder, snapshot=replace(MODEL.snapshot, encoded=known))
    one = batch(ask(customer_id=customer(1), features={"age": 3.0}, model=model), model=model)
    assert one.features.numbers[0].tolist() == [3.0, 0.0, 2.0, 0.0]


def test_the_stored_state_is_never_changed_by_a_request():
    before = MODEL.snapshot.encoded.numbers.copy(), MODEL.snapshot.encoded.bags["tags"].copy()
    batch(ask(customer_id=customer(1), features={"age": 30, "tags": ["b"]}, history=[item(3)]))
    np.testing.assert_array_equal(MODEL.snapshot.encoded.numbers, before[0])
    np.testing.assert_array_equal(MODEL.snapshot.encoded.bags["tags"], before[1])


def test_what_the_request_brings_extends_the_history_in_order_of_time():
    times = [time for _, time in stored(2)]
    between = (times[1] + times[2]) / 2
    found = own(batch(ask(customer_id=customer(2), history=[(item(9), between), item(8)])).history)
    assert found == [*stored(2)[:2], (item(9), between), *stored(2)[2:], (item(8), LOG_END)]


def test_an_event_without_a_time_happened_just_before_the_request():
    one = batch(ask(history=[item(8)], as_of=70.0))
    assert own(one.history) == [(item(8), 70.0)]
    assert one.now.tolist() == [70.0]
    # Even for somebody who has not been seen for longer than anybody who was asked about in training.
    one = batch(ask(customer_id=customer(1), history=[item(8)], as_of=LOG_END + IDLE))
    assert own(one.history)[-1] == (item(8), LOG_END + IDLE)
    assert one.now.tolist() == [LOG_END + IDLE]


def test_nobody_takes_anything_after_the_moment_of_the_request():
    assert own(batch(ask(history=[(item(8), 90.0)], as_of=70.0)).history) == [(item(8), 70.0)]


def test_a_moment_in_the_past_cuts_the_history():
    times = [time for _, time in stored(2)]
    for kept, as_of in ((0, times[0] - 1e-6), (1, times[0]), (3, (times[2] + times[3]) / 2), (8, times[-1])):
        one = batch(ask(customer_id=customer(2), as_of=as_of))
        assert own(one.history) == stored(2)[:kept]
        assert one.now[0] >= max(times[:kept], default=0)


def test_in_a_batch_everybody_is_cut_at_their_own_moment():
    moments = [None, 10.0, 50.0, None]
    together = batch(*(ask(customer_id=customer(2), as_of=as_of) for as_of in moments))
    for row, as_of in enumerate(moments):
        alone = batch(ask(customer_id=customer(2), as_of=as_of))
        assert own(together.history.take(np.array([row]))) == own(alone.history)
        assert together.now[row] == alone.now[0]


def test_unknown_items_are_counted_and_left_out():
    found = ask(history=["never heard of", item(1), "nor of this"])
    assert found.unknown_items == 2
    assert own(batch(found).history) == [(item(1), LOG_END)]


def test_a_log_without_times_has_no_moments():
    model = model_of(has_times=False)
    found = ask(customer_id=customer(2), history=[(item(4), 1e9), item(5)], as_of=5.0, model=model)
    one = batch(found, model=model)
    assert not one.history.times.any()
    assert not one.now.any()
    assert model.items.ids(one.history.items[-2:]) == [item(4), item(5)]
    assert STALE_LOG not in found.fallbacks


FALLBACKS = {
    "nothing": ({}, "cold_start:nothing_known"),
    "an unknown id": ({"customer_id": "nobody"}, "cold_start:nothing_known"),
    "features": ({"features": {"age": 30}}, "cold_start:features"),
    "features that nobody uses": ({"features": {"shoes": 43}}, "cold_start:nothing_known"),
    "one of both": ({"features": {"shoes": 43, "age": 30}}, "cold_start:features"),
    "history": ({"history": [item(1)]}, "cold_start:history"),
    "a history that nobody knows": ({"history": ["never heard of"]}, "cold_start:nothing_known"),
    "features and history": ({"features": {"age": 30}, "history": [item(1)]}, "cold_start:features+history"),
}


@pytest.mark.parametrize("name", FALLBACKS)
def test_a_cold_start_says_what_it_starts_from(name):
    fields, fallback = FALLBACKS[name]
    assert ask(**fields).fallbacks == (fallback,)


def test_a_known_customer_is_no_cold_start():
    assert ask(customer_id=customer(6)).fallbacks == ()


def test_what_the_bundle_does_not_use_is_named():
    found = ask(features={"shoes": 43, "age": 30, "hat": "red"}, context={"weather": "rain", "device": "phone"})
    assert found.unknown_attributes == ("hat", "shoes", "context.device", "context.weather")


def test_a_context_that_the_bundle_reads_is_encoded():
    model = context_model()
    said = {"hour": 18.0, "device": "till"}
    one = batch(ask(context=said, model=model), ask(model=model), model=model)
    encode = model.context_encoder.encode
    np.testing.assert_array_equal(one.context.numbers, encode({"hour": [18.0, None]}, 2).numbers)
    np.testing.assert_array_equal(one.context.bags["device"], encode({"device": ["till", None]}, 2).bags["device"])
    assert ask(context=said, model=model).unknown_attributes == ()
    assert ask(context={**said, "weather": "rain"}, model=model).unknown_attributes == ("context.weather",)
    assert batch(ask(context=said)).context is None


def test_a_context_that_its_column_cannot_hold_is_refused_by_name():
    with pytest.raises(InvalidRequest) as error:
        ask(context={"hour": "late"}, model=context_model())
    assert [violation.field for violation in error.value.violations] == ["context[hour]"]


def test_where_the_moment_comes_from():
    assert (ask().clock, ask().as_of) == (ClockUsed.LOG_END, LOG_END)
    assert (ask(as_of=3.0).clock, ask(as_of=3.0).as_of) == (ClockUsed.REQUEST, 3.0)
    live = ask(policy=ClockPolicy.LIVE)
    assert live.clock is ClockUsed.LIVE
    assert live.as_of > 1.7e9
    assert ask(as_of=3.0, policy=ClockPolicy.LIVE).clock is ClockUsed.REQUEST


def test_a_log_that_ended_long_ago_is_stale():
    assert STALE_LOG in ask(policy=ClockPolicy.LIVE).fallbacks
    assert STALE_LOG in ask(as_of=LOG_END + IDLE + 1).fallbacks
    assert STALE_LOG not in ask(as_of=LOG_END + IDLE).fallbacks
    assert STALE_LOG not in ask().fallbacks


def test_moments_that_lie_beyond_the_log_keep_their_order_and_how_long_ago_they_are():
    live = 2e9
    found = own(
        batch(ask(history=[(item(1), live - 500.0), (item(2), live - 4.0), (item(3), live)], as_of=live)).history
    )
    assert found == [(item(1), LOG_END), (item(2), LOG_END + IDLE - 4), (item(3), LOG_END + IDLE)]


MOMENTS = st.one_of(st.floats(-50, 200), st.floats(-1e10, 1e11))


@settings(max_examples=300)
@given(
    as_of=st.none() | MOMENTS,
    number=st.integers(0, 6),
    history=st.lists(st.tuples(st.integers(1, 30), st.none() | MOMENTS), max_size=5),
)
def test_nothing_leaves_the_range_that_training_has_seen(as_of, number, history):
    known = {"customer_id": customer(number)} if number else {}
    found = ask(history=[(item(n), when) for n, when in history], as_of=as_of, policy=ClockPolicy.LIVE, **known)
    one = batch(found)
    assert len(one.history.items) >= len(history)
    assert (np.diff(one.history.times) >= 0).all()
    for moments in (one.now, one.history.times):
        assert (moments >= 0).all()
        assert (moments <= LOG_END + IDLE).all()
    last = one.history.times[-1] if len(one.history.times) else 0.0
    assert last <= one.now[0] <= max(last + IDLE, LOG_END + IDLE * (not len(one.history.times)))
    past = sum_up(one.history, one.now, (10.0,), things=one.history.items, width=31)
    assert (past.since <= LOG_END + IDLE).all()
    assert (past.gap <= LOG_END + IDLE).all()


def test_values_that_a_column_cannot_hold_are_refused_by_name():
    with pytest.raises(InvalidRequest) as error:
        check_features(MODEL.customer_encoder, Profile(features={"town": "ash", "age": "old"}))
    assert [violation.field for violation in error.value.violations] == ["profile.features[age]"]
    check_features(MODEL.customer_encoder, Profile(features={"age": 20, "shoes": object()}))
