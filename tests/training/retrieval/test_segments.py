"""Popularity within segments, fitted on planted logs."""

import numpy as np
import pytest
from small_logs import all_events, dataset_of

from shortlist_bundle.sources.segments import NONE
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.histories import Histories
from shortlist_training.config.run import RunConfig
from shortlist_training.retrieval import segments as room
from shortlist_training.retrieval.counting import count_items
from shortlist_training.retrieval.retriever import source_names
from shortlist_training.retrieval.segments import PRIOR, find_segments

TOWNS, PEOPLE = ("ash", "birch", "cedar"), 30


def towns(**more):
    """Thirty people of each town take `all` and the item of their town; ages rise, and tell of nothing."""
    people = [(f"c{n:03}", TOWNS[n % 3]) for n in range(3 * PEOPLE)]
    events = [(person, item, 10.0 + n) for n, (person, town) in enumerate(people) for item in ("all", f"of-{town}")]
    table = {"customer_id": [person for person, _ in people], "town": [town for _, town in people]}
    return dataset_of(events, customers={**table, **more})


def fitted(dataset):
    limits = all_events(dataset)
    return find_segments(dataset, limits, count_items(dataset, limits))


def stranger(dataset, **features):
    """Describe somebody in the request alone."""
    encoded = dataset.customer_encoder.encode({name: [value] for name, value in features.items()}, 1)
    return CustomerBatch(rows=np.zeros(1, np.int32), features=encoded, history=Histories.empty(1), now=np.full(1, 1e3))


def best(dataset, found, depth=2, **features):
    allowed = np.ones((1, dataset.item_rows), np.bool_)
    items = found.tuned(buckets=48, trust=1.0).scoreboard(stranger(dataset, **features), None).best(depth, allowed)[0]
    return dataset.items.ids(items[0][items[0] > 0].tolist())


def test_lifts_are_observed_over_expected_takers_moved_together():
    dataset = towns()
    found = fitted(dataset)
    rows = found.segments.of(stranger(dataset, town="birch").features)[0]
    lifts = dict(zip(dataset.items.ids(found.items), np.exp(found.lifts[rows[0]]), strict=True))
    # Each town has a third of all takings: 30 of `all`, and 10 of each town's own.
    assert lifts["all"] == pytest.approx(1.0)
    assert lifts["of-birch"] == pytest.approx((30 + PRIOR) / (10 + PRIOR), rel=1e-5)
    assert lifts["of-ash"] == pytest.approx(PRIOR / (10 + PRIOR), rel=1e-5)


def test_two_strangers_of_different_towns_get_different_lists():
    dataset = towns()
    found = fitted(dataset)
    for town in TOWNS:
        assert best(dataset, found, town=town) == ["all", f"of-{town}"]


def test_a_stranger_of_an_unheard_of_town_gets_nothing_from_it():
    dataset = towns()
    found = fitted(dataset)
    assert best(dataset, found, town="elm") == best(dataset, found) == []


def test_ranges_of_a_number_tell_people_apart():
    """The young take one thing, the old another, and the town says nothing."""
    ages = [float(18 + n % 60) for n in range(300)]
    people = [f"c{n:03}" for n in range(300)]
    events = [(person, "game" if age < 45 else "tea", 1.0) for person, age in zip(people, ages, strict=True)]
    dataset = dataset_of(
        events, customers={"customer_id": people, "age": ages, "flag": [n % 2 == 0 for n in range(300)]}
    )
    found = fitted(dataset)
    assert best(dataset, found, 1, age=20.0) == best(dataset, found, 1, age=-5.0, flag=True) == ["game"]
    assert best(dataset, found, 1, age=70.0) == best(dataset, found, 1, age=900.0, flag=False) == ["tea"]
    flags = found.segments.of(stranger(dataset, flag=True).features)[0]
    assert found.lifts[flags[flags >= 0]] == pytest.approx(0, abs=0.1)


def test_what_few_share_is_no_segment(monkeypatch):
    monkeypatch.setattr(room, "SEGMENTS", 2)
    dataset = towns(shoe=[40.0 + (n == 0) for n in range(3 * PEOPLE)])
    found = fitted(dataset)
    # Of four segments the two largest stay: everybody's shoe, and one town.
    assert len(found.lifts) == 2
    assert (found.segments.of(stranger(dataset, shoe=41.0).features) == NONE).all()


def test_nothing_after_the_limits_is_counted():
    dataset = towns()
    limits = np.minimum(all_events(dataset), 1)
    found = find_segments(dataset, limits, count_items(dataset, limits))
    assert dataset.items.ids(found.items) == ["all"]


def test_only_customers_with_features_have_segments():
    assert "segment_popularity" in source_names(towns(), RunConfig())
    nobody = dataset_of([("c1", "x", 1.0)])
    assert "segment_popularity" not in source_names(nobody, RunConfig())
