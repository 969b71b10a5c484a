from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_logs import all_events, dataset_of

from shortlist_bundle.sources.since import DAMPING
from shortlist_training.config.run import SourcesConfig
from shortlist_training.retrieval.successors import SHAPES, baskets, find_successors

EVENT = st.tuples(st.sampled_from("abc"), st.sampled_from("uvwxyz"), st.integers(0, 30).map(float))


def dense(source):
    width = len(source.indptr) - 1
    matrix = np.zeros((width, width))
    rows = np.repeat(np.arange(width), np.diff(source.indptr))
    matrix[rows, source.neighbours] = source.weights
    return matrix


def slowly(dataset, limits, shape, by_moment):
    """Count the pairs with loops and dictionaries."""
    reach = 4 * shape.reach if by_moment else shape.reach
    events, width = dataset.events, dataset.item_rows
    sums, takings = defaultdict(float), np.zeros(width)
    for row in range(len(events)):
        own = slice(events.offsets[row], events.offsets[row] + limits[row])
        items, steps = events.items[own], dataset.steps[own]
        moments = np.cumsum([0, *(steps[1:] != steps[:-1])]) if by_moment and len(steps) else np.arange(len(items))
        for a in range(len(items)):
            takings[items[a]] += 1
            for b in range(len(items)):
                if a != b and abs(a - b) <= reach and items[a] != items[b]:
                    counts = 1 if moments[b] >= moments[a] else shape.back
                    sums[items[a], items[b]] += counts * shape.gap ** abs(moments[a] - moments[b])
    damped = np.sqrt(np.maximum(takings, 1)) * (takings + DAMPING) / np.maximum(takings, 1)
    matrix = np.zeros((width, width))
    for (a, b), count in sums.items():
        matrix[a, b] = count / (damped[a] * damped[b])
    return matrix


@settings(deadline=None)
@given(st.lists(EVENT, min_size=1, max_size=40), st.integers(0, 12), st.sampled_from(SHAPES))
def test_the_weights_are_those_of_a_dictionary(events, limit, shape):
    dataset = dataset_of(sorted(events, key=lambda event: event[2]))
    limits = np.minimum(all_events(dataset), limit)
    found = find_successors(dataset, limits, SourcesConfig(), shape)
    assert dense(found) == pytest.approx(slowly(dataset, limits, shape, found.by_moment), abs=1e-6)


def test_what_follows_soon_is_nearer_than_what_follows_late():
    names = [f"i{n:02}" for n in range(12)]
    dataset = dataset_of([(f"c{c}", name, float(n)) for c in range(5) for n, name in enumerate(names)])
    matrix = dense(find_successors(dataset, all_events(dataset), SourcesConfig()))
    first = [matrix[dataset.items.row("i00"), dataset.items.row(name)] for name in names[1:]]
    assert first == sorted(first, reverse=True)
    assert first[0] == pytest.approx(first[1] / SHAPES[0].gap)


def test_only_the_nearest_neighbours_are_kept():
    random = np.random.default_rng(0)
    dataset = dataset_of(
        [(f"c{a}", f"i{b}", float(n)) for n, (a, b) in enumerate(random.integers(0, (9, 20), (200, 2)))]
    )
    every = dense(find_successors(dataset, all_events(dataset), SourcesConfig()))
    few = dense(find_successors(dataset, all_events(dataset), SourcesConfig(neighbours=3)))
    for row, kept in zip(every, few, strict=True):
        assert sorted(kept)[-3:] == pytest.approx(sorted(row)[-3:])
        assert np.count_nonzero(kept) <= 3


def test_a_shop_of_baskets_is_told_from_a_stream_of_events():
    columns = ("customer_id", "item_id", "timestamp", "order_id")
    orders = [(f"c{c}", f"i{n}", float(o), f"o{c}{o}") for c in range(3) for o in range(3) for n in range(4)]
    assert baskets(dataset_of(orders, columns=columns))
    assert not baskets(dataset_of([(f"c{c}", f"i{n}", float(n)) for c in range(3) for n in range(4)]))


def test_what_lies_beyond_the_limits_is_not_seen():
    dataset = dataset_of([("a", "x", 1.0), ("a", "y", 2.0), ("a", "z", 3.0)])
    matrix = dense(find_successors(dataset, np.minimum(all_events(dataset), 2), SourcesConfig()))
    assert not matrix[dataset.items.row("z")].any()
    assert matrix[dataset.items.row("x"), dataset.items.row("y")] > 0
