"""The head learns from the log alone: the same at the same position, whoever reads it and however it was cut."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from item_sides import described_model
from small_models import ITEMS, item

from shortlist_bundle.changes.change import CustomerForgotten, EventRecorded, ItemDeleted, ItemUpserted, ListShown
from shortlist_bundle.exploration.head import head_features, head_prior, head_width
from shortlist_bundle.exploration.posterior import Posterior
from shortlist_bundle.exploration.rewards import Rewards
from shortlist_bundle.live import learning
from shortlist_bundle.live.updating import ModelUpdater
from shortlist_bundle.state.event_weights import EventWeights

BARE = described_model()
VECTORS = BARE.engine.retriever.tower_items.vectors
WIDTH = VECTORS.shape[1]
PRIOR = head_prior(head_width(VECTORS))
MODEL = replace(BARE, posterior=PRIOR)


def shown(name="one", items=(1, 2, 3), *, customer="anna", moment=50.0, bundle="own", seed=0, **changes):
    random = np.random.default_rng([seed, *name.encode()])
    plain = {
        "item_ids": tuple(item(number) if isinstance(number, int) else number for number in items),
        "chances": tuple(random.uniform(0, 0.5, len(items)).tolist()),
        "novelty": tuple(random.uniform(0.1, 1, len(items)).tolist()),
        "vector": tuple(random.normal(size=WIDTH - 1).tolist()),
    }
    return ListShown(impression_id=name, bundle_id=bundle, customer_id=customer, moment=moment, **{**plain, **changes})


def took(number, name="", *, customer="anna", moment=60.0, event="", **changes):
    key = f"{name}/{number}/{customer}/{moment}/{event}"
    own = item(number) if isinstance(number, int) else number
    return EventRecorded(
        event_id=key, customer_id=customer, item_id=own, timestamp=moment, event=event, impression_id=name, **changes
    )


def learnt(*changes, model=MODEL, portion=1_000):
    updater = ModelUpdater(model, bundle_id="own")
    for position, change in enumerate(changes, start=1):
        updater.apply(position, change)
        if position % portion == 0:
            updater.model()
    return updater.model().posterior


def expected(*pairs, prior=PRIOR, vectors=VECTORS):
    """Return the posterior of lists with the rewards of their items, all at once."""
    precision, vector = prior.precision.copy(), prior.vector.copy()
    for own, rewards in pairs:
        rows = MODEL.items.rows(own.item_ids)
        towards = np.array([*own.vector, 0.0], np.float32)
        features = head_features(np.array(own.chances), towards, vectors[rows], novelty=np.array(own.novelty))
        precision += features.T @ features / prior.noise
        vector += features.T @ np.array(rewards) / prior.noise
    return Posterior.of(precision, vector, noise=prior.noise)


def assert_same(one, other):
    np.testing.assert_allclose(one.precision, other.precision, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(one.vector, other.vector, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(one.mean, other.mean, rtol=1e-7, atol=1e-9)


ONE, TWO = shown(), shown("two", (3, 4), moment=55.0)


def test_what_is_shown_and_not_taken_is_worth_nothing_until_it_is_taken():
    assert_same(learnt(ONE), expected((ONE, [0, 0, 0])))
    assert_same(learnt(ONE, took(2, "one")), expected((ONE, [0, 1, 0])))
    assert_same(learnt(ONE, model=BARE), learnt(ONE))
    assert learnt(ONE).rewards == 3


@pytest.mark.parametrize(
    ("event", "rewards"),
    [
        (took(3, "one"), ([0, 0, 1], [0, 0])),
        (took(3, "two"), ([0, 0, 0], [1, 0])),
        # Without an impression it is the newest list with the item that it can have come from.
        (took(3), ([0, 0, 0], [1, 0])),
        (took(3, moment=52.0), ([0, 0, 1], [0, 0])),
        (took(1), ([1, 0, 0], [0, 0])),
        (took(3, customer="bob"), ([0, 0, 0], [0, 0])),
        (took(3, moment=49.0), ([0, 0, 0], [0, 0])),
        (took(3, moment=60.0 + learning.WINDOW), ([0, 0, 0], [0, 0])),
        (took(9, "one"), ([0, 0, 0], [0, 0])),
        # A list that was not kept, or is not remembered: its takings must not count either.
        (took(3, "three"), ([0, 0, 0], [0, 0])),
    ],
)
def test_an_event_is_a_taking_from_one_list(event, rewards):
    assert_same(learnt(ONE, TWO, event), expected((ONE, rewards[0]), (TWO, rewards[1])))


@pytest.mark.parametrize("event", [took(3, "one"), took(3), took(3, moment=52.0)])
def test_an_event_may_come_before_its_list(event):
    """A list is written to the log a moment after it was shown."""
    assert_same(learnt(event, ONE), expected((ONE, [0, 0, 1])))
    assert_same(learnt(took(1, "two"), took(3, moment=49.0), ONE), expected((ONE, [0, 0, 0])))


def test_an_item_has_the_reward_of_the_best_of_its_events():
    model = replace(MODEL, policy=replace(MODEL.policy, rewards=Rewards({"click": 0.2, "buy": 1.0, "hide": -0.5})))
    clicked, bought, hidden = (took(2, "one", event=kind) for kind in ("click", "buy", "hide"))
    again = took(2, "one", event="click", moment=61.0)
    for changes, reward in (
        ((clicked, again), 0.2), ((clicked, bought), 1.0), ((bought, clicked, hidden), 1.0), ((hidden,), -0.5),
        ((hidden, clicked), 0.2), ((took(2, "one", event="view"),), 0.0),
    ):  # fmt: skip
        assert_same(learnt(ONE, *changes, model=model), expected((ONE, [0, reward, 0])))


def test_without_rewards_of_its_own_an_event_is_worth_its_weight():
    weights = EventWeights(weights={"click": 0.25, "buy": 7.0, "hide": -9.0}, main="buy")
    model = replace(MODEL, event_weights=weights)
    changes = [took(1, "one", event="click"), took(2, "one", value=3.0), took(3, "one", event="hide")]
    assert_same(learnt(ONE, *changes, model=model), expected((ONE, [0.25, 1.0, -1.0])))


def test_lists_of_another_bundle_and_of_before_the_bundle_teach_nothing():
    assert learnt(shown(bundle="other"), took(1, "one")).rewards == 0
    model = replace(MODEL, snapshot=replace(MODEL.snapshot, position=2))
    late = shown("late", (4, 5))
    own = learnt(ONE, took(1, "one"), took(2, "one"), late, took(5, "late"), model=model)
    assert_same(own, expected((late, [0, 1])))


def test_it_begins_with_what_the_bundle_knows():
    before = expected((TWO, [1, 0]))
    assert_same(learnt(ONE, model=replace(MODEL, posterior=before)), expected((TWO, [1, 0]), (ONE, [0, 0, 0])))


def test_a_list_counts_once():
    assert_same(learnt(ONE, ONE, took(1, "one"), took(1, "one", moment=70.0)), expected((ONE, [1, 0, 0])))


def test_items_that_nobody_knows_any_more_are_left_out():
    own = shown(items=(1, "cheese"))
    upserted = ItemUpserted(item_id="cheese", attributes={"price": 7.0})
    assert learnt(own).rewards == 1
    assert learnt(upserted, own).rewards == 2
    assert learnt(upserted, ItemDeleted(item_id="cheese"), own).rewards == 1
    assert learnt(upserted, ItemDeleted(item_id="cheese"), own, took("cheese", "one")).rewards == 1


def test_a_new_item_that_is_replaced_keeps_what_was_learnt_of_it():
    """Its old row stays as it is, and the rewards of old lists go there."""
    own, first = shown(items=(1, "cheese")), ItemUpserted(item_id="cheese", attributes={"price": 7.0})
    second = replace(first, attributes={"price": 1.0})
    before, after = learnt(first, own, took("cheese", "one")), learnt(first, own, second, took("cheese", "one"))
    assert_same(before, after)


@pytest.mark.parametrize(
    "changes",
    [{"chances": (0.1,)}, {"vector": (1.0,)}, {"novelty": (np.inf, 1.0, 1.0)}, {"item_ids": (), "chances": ()}],
)
def test_a_list_that_makes_no_sense_teaches_nothing(changes):
    assert learnt(replace(ONE, **changes), took(1, "one")).rewards == 0


def test_of_many_lists_ever_fewer_are_learnt_from(monkeypatch):
    monkeypatch.setattr(learning, "ENOUGH", 20)
    lists = [shown(f"list-{number}", (1,), moment=float(number)) for number in range(2_000)]
    assert learnt(*lists[:20]).rewards == 20
    # 20 (1 + ln 100) are 112.
    assert 80 < learnt(*lists).rewards < 150


def test_early_events_are_few(monkeypatch):
    monkeypatch.setattr(learning, "EARLY", 3)
    events = [took(1, f"list-{number}") for number in range(5)]
    lists = [shown(f"list-{number}", (1,)) for number in range(5)]
    own = learnt(*events, *lists)
    assert_same(own, expected(*((one, [float(number >= 2)]) for number, one in enumerate(lists))))


def test_without_towers_there_is_nothing_to_learn():
    assert learnt(ONE, model=described_model(engine=None)) is None


lists = st.builds(
    lambda number, items, customer, moment: shown(
        f"list-{number}", tuple(items), customer=customer, moment=float(moment), seed=1
    ),
    st.integers(0, 12),
    st.lists(st.integers(1, ITEMS), min_size=1, max_size=4, unique=True),
    st.sampled_from("abc"),
    st.integers(40, 60),
)
events = st.builds(
    lambda number, name, customer, moment: took(number, name, customer=customer, moment=float(moment)),
    st.integers(1, ITEMS),
    st.sampled_from(["", *(f"list-{number}" for number in range(13))]),
    st.sampled_from("abc"),
    st.integers(40, 70),
)
forgotten = st.builds(CustomerForgotten, customer_id=st.sampled_from("abc"))


@settings(max_examples=40)
@given(st.lists(lists | events | forgotten, max_size=40), st.integers(1, 9))
def test_a_position_says_what_the_head_knows_however_it_was_reached(changes, portion):
    one, other = learnt(*changes), learnt(*changes, portion=portion)
    for name in ("precision", "vector", "mean", "factor"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.rewards == other.rewards


@settings(max_examples=40)
@given(st.lists(lists | events, max_size=40), st.sampled_from("abc"))
def test_who_is_forgotten_has_taught_nothing(changes, customer):
    own = learnt(*changes, CustomerForgotten(customer_id=customer))
    without = learnt(*(change for change in changes if change.customer_id != customer))
    # Where two customers name one impression, who is forgotten has said something of the other's list.
    named = {one.impression_id for one in changes if isinstance(one, ListShown) and one.customer_id == customer}
    shared = {one.impression_id for one in changes if one.customer_id != customer} & named
    crossed = any(
        isinstance(one, EventRecorded) and one.customer_id == customer and one.impression_id not in ("", *named)
        for one in changes
    )
    if not shared and not crossed:
        assert_same(own, without)
        assert own.rewards == without.rewards
