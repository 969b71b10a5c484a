from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from small_logs import all_events, dataset_of, timeless, two_camps

from shortlist_training.config.run import SourcesConfig
from shortlist_training.retrieval.counting import HALF_LIFE_SHARES, count_items, find_neighbours, half_lives, visible

EVENT = st.tuples(st.sampled_from("abc"), st.sampled_from("uvwx"), st.integers(0, 48).map(float))


def limits_before(dataset, border):
    events = dataset.events
    return np.bincount(events.owners, weights=events.times < border, minlength=len(events)).astype(np.int64)


def test_half_lives_are_shares_of_the_log():
    dataset = dataset_of([("a", "x", 10.0), ("a", "y", 490.0)])
    assert half_lives(dataset) == pytest.approx([480 * share for share in HALF_LIFE_SHARES])
    assert sorted(half_lives(dataset)) == list(half_lives(dataset))
    assert half_lives(timeless([("a", "x")])) == (float("inf"),)
    assert half_lives(dataset_of([("a", "x", 7.0)])) == (float("inf"),)


def test_visible_events_are_those_before_each_customers_limit():
    dataset = dataset_of([("a", "x", 1.0), ("a", "y", 2.0), ("b", "x", 1.0), ("b", "y", 2.0)])
    assert visible(dataset, np.array([0, 1, 2])).tolist() == [True, False, True, True]


@settings(deadline=None, max_examples=60)
@given(st.lists(EVENT, min_size=1, max_size=40), st.integers(0, 50))
def test_items_are_counted_up_to_every_border(events, border):
    dataset = dataset_of(events)
    counts = count_items(dataset, limits_before(dataset, border))
    seen = [event for event in events if event[2] < border]
    start, end = dataset.span()
    buckets = len(counts.edges) - 1
    assert buckets == (48 if end > start else 1)
    assert counts.cumulative.shape == (buckets + 1, dataset.item_rows)
    for row in range(1, dataset.item_rows):
        item = dataset.items.id(row)
        times = [time for _, taken, time in seen if taken == item]
        if end > start:
            for position, edge in enumerate(counts.edges[:-1]):
                assert counts.cumulative[position, row] == sum(time < edge for time in times)
        assert counts.cumulative[-1, row] == len(times)
        assert counts.first_seen[row] == min(times, default=start)
        takers = Counter(customer for customer, taken, _ in seen if taken == item)
        assert counts.repeats[row] == pytest.approx(1 - len(takers) / len(times) if times else 0)
    assert not counts.cumulative[:, 0].any()


def test_an_item_that_nobody_has_taken_is_never_taken_again():
    dataset = dataset_of([("a", "x", 1.0)], items={"item_id": ["never"]})
    assert count_items(dataset, all_events(dataset)).repeats[dataset.items.row("never")] == 0


def test_without_times_there_is_one_bucket():
    dataset = timeless([("a", "x"), ("b", "x"), ("b", "x"), ("b", "y")])
    counts = count_items(dataset, all_events(dataset))
    assert counts.cumulative.tolist() == [[0, 0, 0], [0, 3, 1]]
    assert counts.repeats[1:].tolist() == pytest.approx([1 / 3, 0])
    assert counts.border(np.zeros(1)).tolist() == [1]


def slow_similarities(dataset, limits, config):
    """Say with dense matrices what the neighbours of every item are."""
    taken = np.zeros((dataset.customer_rows, dataset.item_rows))
    events = dataset.events
    see = visible(dataset, limits)
    taken[events.owners[see], events.items[see]] = 1
    taken[:, 0] = 0
    takers = taken.sum(axis=0)
    taken[:, takers < config.min_customers] = 0
    length = np.sqrt(np.maximum(takers, 1))
    damping = takers / (takers + 5)
    similar = (taken.T @ taken) / length / length[:, None] * damping * damping[:, None]
    np.fill_diagonal(similar, 0)
    return similar


def random_log(*, customers, items, events):
    pairs = np.random.default_rng(0).integers(0, (customers, items), (events, 2))
    return dataset_of([(f"c{customer}", f"i{item}", float(n)) for n, (customer, item) in enumerate(pairs)])


def dense(item_cf):
    width = len(item_cf.indptr) - 1
    return sparse.csr_array((item_cf.weights, item_cf.neighbours, item_cf.indptr), shape=(width, width)).toarray()


@pytest.mark.parametrize("min_customers", [1, 2, 4])
def test_neighbours_are_those_of_the_damped_cosine(min_customers):
    random = np.random.default_rng(0)
    dataset = dataset_of(
        [(f"c{a}", f"i{b}", float(n)) for n, (a, b) in enumerate(random.integers(0, (15, 8), (70, 2)))]
    )
    config = SourcesConfig(min_customers=min_customers)
    limits = np.maximum(all_events(dataset) - 1, 0)
    item_cf = find_neighbours(dataset, limits, config, mix=(1.0,))
    np.testing.assert_allclose(dense(item_cf), slow_similarities(dataset, limits, config), rtol=1e-5, atol=1e-7)
    assert item_cf.mix == (1.0,)


def test_only_the_nearest_neighbours_are_kept():
    random = np.random.default_rng(1)
    dataset = dataset_of(
        [(f"c{a}", f"i{b}", float(n)) for n, (a, b) in enumerate(random.integers(0, (20, 9), (99, 2)))]
    )
    config = SourcesConfig(neighbours=3, min_customers=1)
    found = dense(find_neighbours(dataset, all_events(dataset), config, mix=(1.0,)))
    undamped = slow_similarities(dataset, all_events(dataset), config)
    for row in range(1, dataset.item_rows):
        assert np.count_nonzero(found[row]) <= 3
        kept = found[row] > 0
        np.testing.assert_allclose(found[row][kept], undamped[row][kept], rtol=1e-5)


def test_neighbours_stay_within_their_camp(recwarn):
    dataset = two_camps()
    item_cf = find_neighbours(dataset, all_events(dataset), SourcesConfig(), mix=(1.0,))
    for row in range(1, dataset.item_rows):
        neighbours, weights = item_cf.similar(row)
        assert len(neighbours)
        camps = {int(dataset.items.id(int(item))[1:]) % 2 for item in neighbours}
        assert camps == {int(dataset.items.id(row)[1:]) % 2}
        assert row not in neighbours
        assert (weights > 0).all()
    assert not recwarn.list


def test_neighbours_are_symmetric_where_nothing_is_cut_off():
    dataset = two_camps()
    matrix = dense(find_neighbours(dataset, all_events(dataset), SourcesConfig(), mix=(1.0,)))
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-5)


@pytest.mark.parametrize(
    "events", [[("a", "x", 1.0)], [("a", "x", 1.0), ("b", "y", 1.0)]], ids=["one event", "nothing in common"]
)
def test_where_nothing_goes_together_nobody_has_neighbours(events):
    dataset = dataset_of(events)
    for limits in (all_events(dataset), np.zeros_like(all_events(dataset))):
        item_cf = find_neighbours(dataset, limits, SourcesConfig(), mix=(1.0,))
        assert not dense(item_cf).any()
        assert all(len(item_cf.similar(row)[0]) == 0 for row in range(dataset.item_rows))


def test_the_buckets_are_of_equal_length():
    edges = count_items(dataset_of([("a", "x", 0.0), ("a", "x", 96.0)]), np.array([0, 2])).edges
    assert {round(b - a, 9) for a, b in pairwise(edges)} == {2.0}
