"""What is counted from events as they come is what counting the whole log anew would give."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_logs import all_events, dataset_of

from shortlist_bundle.live import counted
from shortlist_bundle.live.co_occurrence import CoOccurrence
from shortlist_bundle.live.counted import CountedPairs
from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.sources.since import norms
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_bundle.state.takings import Taking, Trained, with_taking
from shortlist_training.config.run import SourcesConfig
from shortlist_training.retrieval.counting import find_neighbours
from shortlist_training.retrieval.successors import SHAPES, find_successors

EVENT = st.tuples(st.sampled_from("abc"), st.sampled_from("uvwxyz"), st.integers(0, 30).map(float))
CONFIG = SourcesConfig(min_customers=1)
LIVES = (1.0, 20.0)


def fitted(dataset, limits, shape):
    return {
        "sequence": find_successors(dataset, limits, CONFIG, shape),
        "item_cf": find_neighbours(dataset, limits, CONFIG, mix=(0.5, 0.5)),
    }


def upto(dataset, limits):
    rows = np.arange(dataset.customer_rows)
    return dataset.events.slice(rows, np.zeros(len(rows), np.int64), limits)


def later(dataset, limits):
    """Return the events behind the limits as (time, customer row, item row), in the order of a log."""
    events = dataset.events
    found = [
        (float(events.times[place]), owner, int(events.items[place]))
        for owner in range(dataset.customer_rows)
        for place in range(events.offsets[owner] + limits[owner], events.offsets[owner + 1])
    ]
    return sorted(found, key=lambda event: event[0])


def followed(pairs, dataset, limits, *, looks=()):
    """Hand the later events in, one by one; at some of them somebody looks."""
    before, since = upto(dataset, limits), {}
    for position, (time, owner, item) in enumerate(later(dataset, limits), start=1):
        own = slice(before.offsets[owner], before.offsets[owner + 1])
        takings = since.get(owner, ())
        pairs.take(item, time, Trained(before.items[own], before.times[own]), takings)
        since[owner] = with_taking(takings, Taking(time, position, item, 1.0))
        if position in looks:
            for counts in pairs._counts.values():
                counts.since()
    return pairs


def scores(source, dataset):
    """Return what a source says of every item to every customer of the whole log, and of what it consists."""
    every = np.tile(np.arange(dataset.item_rows, dtype=np.int32), (dataset.customer_rows, 1))
    batch = CustomerBatch(
        rows=np.arange(dataset.customer_rows, dtype=np.int32),
        features=dataset.customer_features,
        history=dataset.events,
        now=np.full(dataset.customer_rows, 31.0),
    )
    past = sum_up(batch.history, batch.now, LIVES, things=batch.history.items, width=dataset.item_rows)
    found = source.scoreboard(batch, past).at(every)
    assert source.contributions(batch, past, every).totals() == pytest.approx(found, abs=1e-5)
    return found


def laid(source, pairs, name):
    from shortlist_bundle.live.co_occurrence import _with

    counts = pairs._counts.get(name)
    return _with(source, counts.since() if counts else None)


@settings(deadline=None, max_examples=80)
@given(
    st.lists(EVENT, min_size=1, max_size=40), st.integers(0, 30), st.sampled_from(SHAPES), st.sets(st.integers(1, 40))
)
def test_counting_on_is_counting_anew(events, border, shape, looks):
    dataset = dataset_of(sorted(events, key=lambda event: event[2]))
    limits = np.bincount(dataset.events.owners, weights=dataset.events.times < border, minlength=dataset.customer_rows)
    limits = limits.astype(np.int64)
    base, anew = fitted(dataset, limits, shape), fitted(dataset, all_events(dataset), shape)
    pairs = followed(CoOccurrence(base, upto(dataset, limits), dataset.item_rows), dataset, limits, looks=looks)
    for name, source in base.items():
        moved = laid(source, pairs, name)
        assert scores(moved, dataset) == pytest.approx(scores(anew[name], dataset), abs=1e-5)
        if not len(later(dataset, limits)):
            assert moved is source
    near, expected = laid(base["item_cf"], pairs, "item_cf"), anew["item_cf"]
    for row in range(1, dataset.item_rows):
        found = dict(zip(*(values.tolist() for values in near.similar(row)), strict=True))
        assert found == pytest.approx(dict(zip(*(v.tolist() for v in expected.similar(row)), strict=True)), abs=1e-5)


def test_baskets_count_by_the_moment():
    columns = ("customer_id", "item_id", "timestamp", "order_id")
    random = np.random.default_rng(0)
    orders = [
        (f"c{c}", f"i{n}", float(o), f"o{c}.{o}")
        for o in range(6) for c in range(4) for n in random.permutation(9)[:4]
    ]  # fmt: skip
    dataset = dataset_of(orders, columns=columns)
    limits = np.bincount(dataset.events.owners, weights=dataset.events.times < 3, minlength=dataset.customer_rows)
    limits = limits.astype(np.int64)
    for shape in SHAPES:
        base, anew = fitted(dataset, limits, shape), fitted(dataset, all_events(dataset), shape)
        assert base["sequence"].by_moment
        pairs = followed(CoOccurrence(base, upto(dataset, limits), dataset.item_rows), dataset, limits)
        for name in base:
            expected = scores(anew[name], dataset)
            assert scores(laid(base[name], pairs, name), dataset) == pytest.approx(expected, abs=1e-5)


def test_late_events_stand_where_their_time_says():
    """What comes late is counted with those on either side of it."""
    dataset = dataset_of([("a", "u", 1.0), ("a", "v", 2.0), ("a", "w", 3.0)])
    base = fitted(dataset, np.zeros(2, np.int64), SHAPES[1])
    pairs = CoOccurrence(base, upto(dataset, np.zeros(2, np.int64)), dataset.item_rows)
    empty = Trained(np.zeros(0, np.int32), np.zeros(0))
    u, v, w = (dataset.items.row(name) for name in "uvw")
    pairs.take(u, 1.0, empty, ())
    pairs.take(w, 3.0, empty, (Taking(1.0, 1, u, 1.0),))
    pairs.take(v, 2.0, empty, (Taking(1.0, 1, u, 1.0), Taking(3.0, 2, w, 1.0)))
    since = pairs._counts["sequence"].since()
    counted_keys = since.new_keys[since.new_sums > 0].tolist()
    found = {(key >> 32, key & 0xFFFFFFFF) for key in counted_keys}
    assert found == {(u, v), (v, w), (u, w)}


def drawn(seed, count):
    random = np.random.default_rng(seed)
    return random.integers(1, 40, (count, 2)), random.integers(1, 1 << 21, count)


@pytest.mark.parametrize("size", [1, 13, 400])
def test_what_is_given_up_depends_on_the_counts_alone(monkeypatch, size):
    monkeypatch.setattr(counted, "LEAST_ROUND", 50)
    (pairs, amounts), found = drawn(0, 400), []
    for portion in (size, 400):
        counts = CountedPairs(np.zeros(50, np.int64), most=60)
        for start, ((one, other), amount) in enumerate(zip(pairs.tolist(), amounts, strict=True)):
            counts.count(np.array([one]), np.array([other]), np.array([amount]))
            if start % portion == 0:
                counts.since()
        since = counts.since()
        assert counts.dropped > 0
        assert len(since.keys) <= 60
        found.append((since.keys.tolist(), since.sums.tolist(), counts.dropped))
    assert found[0] == found[1]


def test_an_item_that_moves_takes_its_counts_along(monkeypatch):
    monkeypatch.setattr(counted, "LEAST_ROUND", 2)
    counts = CountedPairs(np.array([0, 3, 4]))
    counts.append(3)
    counts.take(3)
    counts.count(np.array([3, 1]), np.array([1, 3]), np.array([7, 7]))
    first = counts.since()
    counts.move(3, 4)
    counts.take(4)
    counts.count(np.array([4]), np.array([1]), np.array([1]))
    counts.move(4, 5)
    since = counts.since()
    assert first.keys.tolist() == [(1 << 32) | 3, (3 << 32) | 1]
    sums = {}
    for keys, amounts in ((since.keys, since.sums), (since.new_keys, since.new_sums)):
        for key, amount in zip(keys.tolist(), amounts.tolist(), strict=True):
            sums[key >> 32, key & 0xFFFFFFFF] = sums.get((key >> 32, key & 0xFFFFFFFF), 0) + amount
    assert sums == {(5, 1): 8, (1, 5): 7}
    assert since.shift[[0, 1, 2, 3, 4]].tolist() == [1] * 5
    assert since.shift[5] == pytest.approx(norms(np.zeros(1))[0] / norms(np.array([2.0]))[0])
