"""Fit popularity within segments: which segments there are, and how much more often each takes an item."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.bags import FIRST_KNOWN, bag_size
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.spec import NumberFit, ValuesFit
from shortlist_bundle.sources.popularity import ItemCounts
from shortlist_bundle.sources.segment_popularity import SegmentPopularity
from shortlist_bundle.sources.segments import NONE, Segments
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.retrieval.counting import distinct_pairs

RANGES = 8
"""Ranges of a number, each with about as many customers."""
FEWEST = 5
"""Customers of the smallest segment."""
SEGMENTS = 512
ITEMS = 20_000
"""The largest segments, and the items most customers have taken: the table of lifts has at most so many cells."""
PRIOR = 5.0
"""Expected takers at which what was observed counts as much as the prior, which expects no difference."""
MOST = 10.0
"""Bound of one lift, and its reciprocal the other bound."""
BUCKETS, TRUST = 8, 0.5


def has_segments(dataset: Dataset) -> bool:
    """Tell whether customers have features to be divided by; text is none."""
    return any(isinstance(column.fit, NumberFit | ValuesFit) for column in dataset.customer_encoder.spec.columns)


def find_segments(dataset: Dataset, limits: NDArray[np.int64], counts: ItemCounts) -> SegmentPopularity:
    """Return the source of what is visible below the limits, with settings yet to be tuned.

    Args:
        dataset: the log.
        limits: int64 [M + 1], events of each customer that may be seen.
        counts: takings over time, up to the same limits.
    """
    customers, taken = distinct_pairs(dataset, limits)
    people = np.unique(customers)
    every, columns = _every_segment(dataset, people)
    segments = _largest(every, every.of(dataset.customer_features.take(people)))
    items = _most_taken(taken, dataset.item_rows)
    place = np.full(dataset.item_rows, -1, np.int64)
    place[items] = np.arange(len(items))
    kept = place[taken] >= 0
    own = segments.of(dataset.customer_features)
    lifts = _log_lifts(own, columns, customers[kept], place[taken[kept]], len(items), _count(segments))
    return SegmentPopularity(counts, segments, items=items, lifts=lifts, buckets=BUCKETS, trust=TRUST)


def _every_segment(dataset: Dataset, people: NDArray[np.int64]) -> tuple[Segments, NDArray[np.int64]]:
    """Return the segments of every value and range, and for each place of `Segments.of` the number of its column."""
    encoder = dataset.customer_encoder
    edges = _edges(dataset.customer_features.numbers[people], sum(1 for _ in _number_columns(encoder)))
    ranges = np.arange(edges.size + len(edges), dtype=np.int32).reshape(len(edges), edges.shape[1] + 1)
    bags = {
        column.name: column.fit for column in encoder.spec.columns if isinstance(column.fit, ValuesFit)
    }  # fmt: skip
    sizes = np.array([bag_size(fit) for fit in bags.values()], np.int64)
    values = np.arange(ranges.size, ranges.size + sizes.sum(), dtype=np.int32)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64) if len(sizes) else np.zeros(0, np.int64)
    # Padding says nothing, and all rare values share one code, so to share that is to share nothing.
    for start in starts:
        values[start : start + FIRST_KNOWN] = NONE
    widths = np.array([fit.width for fit in bags.values()], np.int64)
    found = Segments(
        edges=edges, ranges=ranges, bags=tuple(bags), starts=np.repeat(starts, widths), values=values
    )  # fmt: skip
    columns = [np.arange(len(edges)), len(edges) + np.repeat(np.arange(len(bags)), widths)]
    return found, np.concatenate(columns).astype(np.int64)


def _number_columns(encoder: FeatureEncoder) -> Iterator[str]:
    return (column.name for column in encoder.spec.columns if isinstance(column.fit, NumberFit))


def _edges(numbers: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Return the borders between the ranges of each number, float32 [Q, RANGES - 1].

    Args:
        numbers: float32 [M', 2 Q], each number beside its missing flag.
        count: Q.
    """
    edges = np.full((count, RANGES - 1), np.finfo(np.float32).max, np.float32)
    for column in range(count):
        known = np.sort(numbers[numbers[:, 2 * column + 1] == 0, 2 * column])
        distinct = np.unique(known)
        if len(distinct) > RANGES:
            # Borders are values of the column, so that what is equal stays together.
            found = np.unique(known[len(known) * np.arange(1, RANGES) // RANGES])
        else:
            found = (distinct[1:] + distinct[:-1]) / 2
        edges[column, : len(found)] = found
    return edges


def _largest(every: Segments, own: NDArray[np.int32]) -> Segments:
    """Return the segments that are kept, numbered anew.

    Args:
        every: all of them.
        own: int32 [M', C], the segments of all customers who have taken something.
    """
    sizes = np.bincount(own[own >= 0], minlength=_count(every))
    order = np.argsort(-sizes, kind="stable")[:SEGMENTS]
    kept = np.sort(order[sizes[order] >= FEWEST])
    # One place more, for NONE, which is -1.
    number = np.full(len(sizes) + 1, NONE, np.int32)
    number[kept] = np.arange(len(kept))
    return Segments(
        edges=every.edges, ranges=number[every.ranges], bags=every.bags, starts=every.starts,
        values=number[every.values],
    )  # fmt: skip


def _count(segments: Segments) -> int:
    return int(max(segments.ranges.max(initial=NONE), segments.values.max(initial=NONE))) + 1


def _most_taken(taken: NDArray[np.int64], width: int) -> NDArray[np.int32]:
    takers = np.bincount(taken, minlength=width)
    order = np.argsort(-takers, kind="stable")[:ITEMS]
    return np.sort(order[takers[order] > 0]).astype(np.int32)


def _log_lifts(
    own: NDArray[np.int32],
    columns: NDArray[np.int64],
    customers: NDArray[np.int64],
    places: NDArray[np.int64],
    items: int,
    segments: int,
) -> NDArray[np.float32]:
    """Return the logarithm of each segment's lift of each item, float32 [G, I].

    An item is expected from a segment as often as from all customers whose value of that column is known.

    Args:
        own: int32 [M + 1, C], the segments of every customer.
        columns: int64 [C], the column that each of these is of.
        customers: int64 [P], who has taken something.
        places: int64 [P], the item.
        items: I.
        segments: G.
    """
    observed, expected = np.zeros((segments, items)), np.zeros((segments, items))
    for column in np.unique(columns):
        held = own[:, columns == column]
        known = np.logical_or.reduce(held >= 0, axis=1)[customers]
        of_everybody = np.bincount(places[known], minlength=items) / max(known.sum(), 1)
        for cells in held.T:
            cell = cells[customers]
            there = cell >= 0
            keys = cell[there] * np.int64(items) + places[there]
            observed += np.bincount(keys, minlength=segments * items).reshape(segments, items)
        inside = np.unique(held[held >= 0])
        expected[inside] = observed[inside].sum(axis=1, keepdims=True) * of_everybody
    lifts = np.log((observed + PRIOR) / (expected + PRIOR))
    return np.clip(lifts, -np.log(MOST), np.log(MOST)).astype(np.float32)
