"""Counts over the log: half-lives, items over time, neighbours of items."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from shortlist_bundle.sources.item_cf import ItemCf
from shortlist_bundle.sources.popularity import ItemCounts
from shortlist_bundle.sources.since import DAMPING
from shortlist_training.config.run import SourcesConfig
from shortlist_training.dataset.dataset import Dataset

BUCKETS = 48
"""Four to each window of a time split, so that a window's start is a border."""
HALF_LIFE_SHARES = (1 / 48, 1 / 12, 1 / 3, 1.0)
"""Half-lives as shares of the log: about a week, a month, four months and a year of a year's log."""


def half_lives(dataset: Dataset) -> tuple[float, ...]:
    """Return the half-lives of decayed counts, seconds; one that never decays for a log without times."""
    start, end = dataset.span()
    if end <= start:
        return (float("inf"),)
    return tuple((end - start) * share for share in HALF_LIFE_SHARES)


def visible(dataset: Dataset, limits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which events a fit may see, bool [E]: those before each customer's limit."""
    events = dataset.events
    owners = events.owners
    return np.arange(len(owners)) - events.offsets[owners] < limits[owners]


def distinct_pairs(dataset: Dataset, limits: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return who has taken what below the limits, each pair once: customer rows (rising) and item rows, int64 [P]."""
    events, width = dataset.events, dataset.item_rows
    see = visible(dataset, limits) & (events.items > 0)
    pairs = np.unique(events.owners[see] * width + events.items[see])
    return pairs // width, pairs % width


def count_items(dataset: Dataset, limits: NDArray[np.int64]) -> ItemCounts:
    """Count every item's takings over time, from what is visible below the limits."""
    events, width = dataset.events, dataset.item_rows
    see = visible(dataset, limits) & (events.items > 0)
    items, times, owners = events.items[see], events.times[see], events.owners[see]
    start, end = dataset.span()
    buckets = BUCKETS if end > start else 1
    edges = np.linspace(start, end, buckets + 1) if end > start else np.zeros(2)
    bucket = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, buckets - 1)
    strengths = events.strengths[see]
    table = np.bincount(bucket * width + items, weights=strengths, minlength=buckets * width).reshape(buckets, width)
    cumulative = np.concatenate([np.zeros((1, width)), np.cumsum(table, axis=0)]).astype(np.float32)
    total = np.bincount(items, minlength=width)
    distinct = np.bincount(np.unique(owners * width + items) % width, minlength=width)
    first_seen = np.full(width, start, np.float64)
    order = np.argsort(times, kind="stable")[::-1]
    first_seen[items[order]] = times[order]
    return ItemCounts(
        edges=edges,
        cumulative=cumulative,
        repeats=((total - distinct) / np.maximum(total, 1)).astype(np.float32),
        first_seen=first_seen,
    )


def find_neighbours(
    dataset: Dataset, limits: NDArray[np.int64], config: SourcesConfig, *, mix: tuple[float, ...]
) -> ItemCf:
    """Find each item's nearest items by the cosine of their takers, with the `implicit` library.

    The cosine is damped for items with few takers, whose neighbours would otherwise be whatever their one taker took.
    """
    from implicit.nearest_neighbours import ItemItemRecommender

    width = dataset.item_rows
    customers, items = distinct_pairs(dataset, limits)
    takers = np.bincount(items, minlength=width)
    known = takers[items] >= config.min_customers
    customers, items = customers[known], items[known]
    # Columns of length 1, so that the inner products which the library computes are cosines.
    length = 1.0 / np.sqrt(np.maximum(takers[items], 1))
    taken = sparse.csr_matrix((length, (customers, items)), shape=(dataset.customer_rows, width))
    model = ItemItemRecommender(K=config.neighbours + 1, num_threads=0)
    model.fit(taken, show_progress=False)
    similarity = model.similarity.tocoo()
    row, column = similarity.row, similarity.col
    keep = (row != column) & (similarity.data > 0)
    damping = takers / (takers + DAMPING)
    weights = similarity.data[keep] * damping[row[keep]] * damping[column[keep]]
    # Rows of the product are history items, columns their neighbours.
    order = np.lexsort((column[keep], row[keep]))
    indptr = np.searchsorted(row[keep][order], np.arange(width + 1)).astype(np.int64)
    return ItemCf(
        indptr=indptr,
        neighbours=column[keep][order].astype(np.int32),
        weights=weights[order].astype(np.float32),
        mix=mix,
    )
