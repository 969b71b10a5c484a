"""Items that come, change and go in a model that goes on being read."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from item_sides import ENCODER, described_model
from small_models import ITEMS, LOG_END, item

from shortlist_bundle.changes.change import CustomerForgotten, EventRecorded, ItemDeleted, ItemUpserted
from shortlist_bundle.filters.conditions import AnyOf, Equals, Flag, Range
from shortlist_bundle.live import items as live_items
from shortlist_bundle.live.updating import ModelUpdater
from shortlist_bundle.live.waiting import WaitingEvents
from shortlist_bundle.sources.content import Content
from shortlist_bundle.state.batch import CustomerBatch

MODEL = described_model()
CHEESE = ItemUpserted(
    item_id="cheese", attributes={"price": 7.0, "title": "title 3", "kind": "milk", "organic": True, "tags": ("even",)}
)


def moved(*changes, model=MODEL):
    updater = ModelUpdater(model)
    for position, change in enumerate(changes, start=1):
        updater.apply(position, change)
    return updater.model()


def met(model, filter):
    return set(model.items.ids(np.flatnonzero(model.catalogue.matching(filter).mask)))


def candidates(model, row=2):
    """Return what the engine proposes of the whole catalogue to one customer, with the scores."""
    rows = np.array([row], np.int32)
    history = model.snapshot.histories(rows)
    batch = CustomerBatch(rows=rows, features=model.snapshot.features(rows), history=history, now=np.array([LOG_END]))
    encoded = model.engine.retriever.encode(batch)
    allowed = np.ones((1, len(model.items)), np.bool_)
    allowed[:, 0] = False
    every = len(model.items) - 1
    found = model.engine.retriever.retrieve(encoded, allowed, dict.fromkeys(encoded.boards, 4), at_least=every)
    ranked = model.engine.rerank(encoded, found, seen_allowed=True, k=every)
    return dict(zip(model.items.ids(ranked.items[0]), ranked.scores[0].tolist(), strict=True))


def test_a_new_item_is_encoded_by_its_features():
    model = moved(CHEESE)
    row = model.items.row("cheese")
    assert row == ITEMS + 1
    features = ENCODER.encode({"price": [7.0], "title": ["title 3"]}, 1)
    retriever, side = model.engine.retriever, MODEL.item_side
    vectors = side.tower(features)
    np.testing.assert_allclose(retriever.tower_items.vectors[row], vectors[0], rtol=1e-6)
    np.testing.assert_allclose(retriever.tower.history_items[row], vectors[0, :-1], rtol=1e-6)
    np.testing.assert_allclose(
        model.engine.reranker.scorer.item_half[row], side.scorer(features, vectors)[0], rtol=1e-5
    )
    content = retriever.counting["content"]
    assert isinstance(content, Content)
    np.testing.assert_allclose(content.items.vectors[row], side.content(features)[0], rtol=1e-6)
    assert not retriever.embedding_items.vectors[row, :-1].any()
    assert retriever.embedding_items.vectors[row, -1] == retriever.embedding_items.vectors[1:ITEMS, -1].min()


def test_every_other_item_scores_as_before():
    """The new item is one of the candidates; nobody's score moves."""
    before, after = candidates(MODEL), candidates(moved(CHEESE))
    assert set(after) - set(before) == {"cheese"}
    assert {name: after[name] for name in before} == pytest.approx(before, abs=1e-5)


def test_what_was_handed_out_stays_as_it_was():
    updater = ModelUpdater(MODEL)
    updater.apply(1, CHEESE)
    first = updater.model()
    before, filters = candidates(first), met(first, Equals("kind", "milk"))
    for position in range(2, 1500):
        updater.apply(position, ItemUpserted(item_id=f"n{position}", attributes={"kind": "milk", "price": 1.0}))
    updater.apply(1500, ItemUpserted(item_id=item(3), attributes={"kind": "nuts"}))
    updater.apply(1501, ItemDeleted(item_id="cheese"))
    last = updater.model()
    assert len(last.items) == ITEMS + 1 + 1499
    assert last.items.row("cheese") == 0
    assert (candidates(first), met(first, Equals("kind", "milk"))) == (before, filters)
    assert first.items.row("n2") == 0
    assert len(first.items) == ITEMS + 2


def test_filters_know_what_was_said_of_an_item():
    model = moved(CHEESE)
    for filter in (
        Equals("kind", "milk"), Range("price", at_least=6.5, at_most=7.5), Flag("organic"), AnyOf("tags", ("even",)),
        Equals("title", "title 3"),
    ):  # fmt: skip
        assert met(model, filter) == met(MODEL, filter) | {"cheese"}
    for filter in (Equals("kind", "nuts"), Flag("organic", wanted=False), Equals("tags", "third")):
        assert met(model, filter) == met(MODEL, filter)


def test_attributes_that_training_has_not_seen_can_be_asked_for():
    colours = [("red", True, 1.5, ("a", "b")), ("blue", False, 2.5, ("b",))]
    new = [
        ItemUpserted(item_id=f"n{n}", attributes={"colour": colour, "on": on, "size": size, "marks": marks})
        for n, (colour, on, size, marks) in enumerate(colours)
    ]
    model = moved(CHEESE, *new)
    assert met(model, Equals("colour", "red")) == {"n0"}
    assert met(model, Flag("on")) == {"n0"}
    assert met(model, Range("size", more_than=1.5)) == {"n1"}
    assert met(model, Equals("marks", "b")) == {"n0", "n1"}
    assert "colour" not in MODEL.catalogue.attributes


def test_an_item_of_the_bundle_is_replaced_whole_and_keeps_its_learnt_place():
    model = moved(ItemUpserted(item_id=item(4), attributes={"kind": "nuts"}, available_until=50.0))
    assert len(model.items) == ITEMS + 1
    assert item(4) in met(model, Equals("kind", "nuts"))
    assert item(4) not in met(model, Range("price", at_least=0.0))
    assert not model.catalogue.available(60.0)[4]
    assert model.catalogue.available(40.0)[4]
    np.testing.assert_array_equal(
        model.engine.retriever.tower_items.vectors, MODEL.engine.retriever.tower_items.vectors
    )


def test_an_item_that_is_replaced_twice_moves_and_its_takings_move_with_it():
    event = EventRecorded(event_id="e", customer_id="new", item_id="cheese", timestamp=LOG_END)
    again = [ItemUpserted(item_id="cheese", attributes={"price": float(price)}) for price in (2, 3)]
    model = moved(CHEESE, event, *again)
    row = model.items.row("cheese")
    assert row == ITEMS + 3
    taken = model.state.histories(np.array([model.customer_row("new")]))
    assert taken.items.tolist() == [row]
    assert met(model, Range("price", at_least=2.5, at_most=3.0)) >= {"cheese"}
    assert met(model, Equals("kind", "milk")) == met(MODEL, Equals("kind", "milk"))
    gone = np.flatnonzero(model.catalogue.gone)
    assert gone.tolist() == [ITEMS + 1, ITEMS + 2]
    assert model.items.ids([ITEMS + 1, row]) == ["cheese", "cheese"]


def test_what_is_taken_out_cannot_be_had_and_comes_back():
    model = moved(CHEESE, ItemDeleted(item_id="cheese"), ItemDeleted(item_id=item(3)), ItemDeleted(item_id="nothing"))
    assert model.items.row("cheese") == 0
    # Histories still speak of it.
    assert model.items.row(item(3)) == 3
    assert not model.catalogue.available(0.0)[[3, ITEMS + 1]].any()
    assert item(3) not in met(model, Range("price", at_least=0.0))
    back = moved(ItemDeleted(item_id=item(3)), ItemUpserted(item_id=item(3), attributes={"price": 1.5}))
    assert back.catalogue.gone is None
    assert back.catalogue.always_available


def test_a_value_that_its_column_cannot_hold_changes_nothing():
    updater = ModelUpdater(MODEL)
    updater.apply(1, ItemUpserted(item_id="bad", attributes={"price": "dear"}))
    model = updater.model()
    assert (updater.skipped, model.items.row("bad"), len(model.items)) == (1, 0, ITEMS + 1)


def test_there_is_room_for_so_many_new_items(monkeypatch):
    monkeypatch.setattr(live_items, "LEAST_MOST", 2)
    updater = ModelUpdater(described_model())
    for position in range(1, 12):
        updater.apply(position, ItemUpserted(item_id=f"n{position}", attributes={"price": 1.0}))
    model = updater.model()
    assert model.live_items.left == 0
    assert len(model.items) - ITEMS - 1 == ITEMS // 4
    assert updater.skipped == 11 - ITEMS // 4


KINDS = ("bread", "milk", "nuts")
STEPS = st.lists(
    st.tuples(st.sampled_from(["n1", "n2", item(1), item(2)]), st.none() | st.sampled_from(KINDS), st.booleans()),
    max_size=12,
)
"""Item, its kind or none to take it out, and whether the model is looked at afterwards."""


@settings(max_examples=60)
@given(STEPS)
def test_filters_see_what_a_dictionary_would_hold(steps):
    updater = ModelUpdater(MODEL)
    plain = {name: kind for kind in KINDS for name in met(MODEL, Equals("kind", kind))}
    for position, (name, kind, looked) in enumerate(steps, start=1):
        if kind is None:
            plain.pop(name, None)
            updater.apply(position, ItemDeleted(item_id=name))
        else:
            plain[name] = kind
            updater.apply(position, ItemUpserted(item_id=name, attributes={"kind": kind}))
        if looked:
            updater.model()
    model = updater.model()
    for kind in KINDS:
        assert met(model, Equals("kind", kind)) == {name for name, own in plain.items() if own == kind}
    rows = model.engine.retriever.tower_items.vectors
    assert len(rows) == len(model.items) == len(model.catalogue.available_from)


def test_without_a_way_to_encode_an_item_it_is_found_by_filters_alone():
    model = moved(CHEESE, model=described_model(item_side=None))
    row = model.items.row("cheese")
    vectors = model.engine.retriever.tower_items.vectors
    assert not vectors[row, :-1].any()
    assert vectors[row, -1] == vectors[1:row, -1].min()
    assert "cheese" in candidates(model)


def takings(count, name="cheese", start=10):
    return [
        (start + n, EventRecorded(event_id=f"e{n}", customer_id=f"c{n}", item_id=name, timestamp=LOG_END))
        for n in range(count)
    ]


def popular(model):
    rows = np.zeros(1, np.int32)
    history = model.snapshot.histories(rows)
    batch = CustomerBatch(rows=rows, features=model.snapshot.features(rows), history=history, now=np.array([LOG_END]))
    encoded = model.engine.retriever.encode(batch)
    found, _ = encoded.boards["popularity"].best(len(model.items) - 1, np.ones((1, len(model.items)), np.bool_))
    return model.items.ids(found[0])


def test_what_is_taken_becomes_popular_in_steps():
    updater = ModelUpdater(MODEL)
    updater.apply(1, CHEESE)
    first = updater.model()
    assert popular(first) == [*popular(MODEL), "cheese"]
    for position, event in takings(live_items.LEAST_STEP - 1):
        updater.apply(position, event)
    before = updater.model()
    assert popular(before) == popular(first)
    (position, event), *_ = takings(1, start=1000)
    updater.apply(position, event)
    after = updater.model()
    assert popular(after)[0] == "cheese"
    assert popular(before) == popular(first)
    counts, row = after.engine.retriever.counts, after.items.row("cheese")
    assert counts.cumulative[-1, row] == live_items.LEAST_STEP
    assert not counts.cumulative[:-1, row].any()


@pytest.mark.parametrize("size", [1, 7, 60, 250])
def test_a_position_says_how_popular_things_are_however_it_was_reached(size):
    changes = [(1, CHEESE), *takings(150), *takings(100, item(3), start=500)]
    found = []
    for portion in (size, len(changes)):
        updater = ModelUpdater(MODEL)
        for start in range(0, len(changes), portion):
            for position, change in changes[start : start + portion]:
                updater.apply(position, change)
            model = updater.model()
        found.append((popular(model), model.engine.retriever.counts.cumulative[-1, : ITEMS + 2].tolist()))
    assert found[0] == found[1]


def early(count=3, name="cheese", customer_id="new"):
    return [
        EventRecorded(event_id=f"early{n}", customer_id=customer_id, item_id=name, timestamp=LOG_END + n)
        for n in range(count)
    ]


def history_of(model, customer_id="new"):
    return model.state.histories(np.array([model.customer_row(customer_id)])).items.tolist()


def test_events_wait_for_their_item():
    """An event that comes before its item is in the history as soon as the item is there, in its place."""
    updater = ModelUpdater(MODEL)
    changes = [*early(2), EventRecorded(event_id="e", customer_id="new", item_id=item(3), timestamp=LOG_END + 0.5)]
    for position, change in enumerate(changes, start=1):
        updater.apply(position, change)
    assert history_of(updater.model()) == [3]
    assert updater.skipped == 2
    updater.apply(4, CHEESE)
    assert history_of(updater.model()) == [ITEMS + 1, 3, ITEMS + 1]
    assert updater.skipped == 0
    updater.apply(5, replace(CHEESE, attributes={"price": 2.0}))
    assert history_of(updater.model()) == [ITEMS + 2, 3, ITEMS + 2]


def test_nobody_waits_who_was_forgotten():
    model = moved(*early(2), *early(1, customer_id="other"), CustomerForgotten(customer_id="new"), CHEESE)
    assert model.customer_row("new") == 0
    assert history_of(model, "other") == [ITEMS + 1]


def test_only_so_many_events_wait():
    waiting = WaitingEvents(most=3)
    for position, event in enumerate([*early(2, "a"), *early(2, "b")], start=1):
        waiting.add(position, event)
    assert len(waiting) == 3
    assert [position for position, _ in waiting.taken("a")] == [2]
    assert [position for position, _ in waiting.taken("b")] == [3, 4]
    assert waiting.taken("b") == []
    assert len(waiting) == 0
