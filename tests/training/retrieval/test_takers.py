import numpy as np
import pytest
from small_logs import all_events, dataset_of, timeless

from shortlist_training.retrieval import takers as room
from shortlist_training.retrieval.takers import find_takers

EVENTS = [("a", "x", 1.0), ("a", "y", 2.0), ("a", "x", 3.0), ("b", "y", 1.0), ("b", "z", 5.0), ("c", "x", 9.0)]


def taken(dataset, found):
    """Return customer -> {item: amount}."""
    takers = found.takers
    return {
        dataset.customers.ids([row])[0]: {
            dataset.items.ids([item])[0]: amount
            for item, amount in zip(takers.items[a:b], takers.amounts[a:b].tolist(), strict=True)
        }
        for row, a, b in zip(takers.customers, takers.offsets, takers.offsets[1:], strict=False)
    }


def test_everybody_keeps_how_much_they_took_of_what():
    dataset = dataset_of(EVENTS)
    found = taken(dataset, find_takers(dataset, all_events(dataset)))
    assert found == {"a": {"x": 2.0, "y": 1.0}, "b": {"y": 1.0, "z": 1.0}, "c": {"x": 1.0}}


def test_nothing_after_the_limits_is_counted():
    dataset = dataset_of(EVENTS)
    found = taken(dataset, find_takers(dataset, np.minimum(all_events(dataset), 1)))
    assert found == {"a": {"x": 1.0}, "b": {"y": 1.0}, "c": {"x": 1.0}}


def test_what_few_have_taken_says_more():
    dataset = dataset_of(EVENTS)
    rarity = find_takers(dataset, all_events(dataset)).takers.rarity
    x, z = (int(row) for row in dataset.items.rows(["x", "z"]))
    assert rarity[z] == pytest.approx(np.log(4))
    assert rarity[x] == pytest.approx(np.log(2.5))


def test_of_too_many_the_newest_stay(monkeypatch):
    monkeypatch.setattr(room, "CUSTOMERS", 2)
    monkeypatch.setattr(room, "ITEMS", 1)
    dataset = dataset_of(EVENTS)
    assert taken(dataset, find_takers(dataset, all_events(dataset))) == {"b": {"z": 1.0}, "c": {"x": 1.0}}


def test_a_log_without_times_has_neighbours_too():
    dataset = timeless([("a", "x"), ("a", "y"), ("b", "x")])
    assert taken(dataset, find_takers(dataset, all_events(dataset))) == {"a": {"x": 1.0, "y": 1.0}, "b": {"x": 1.0}}
