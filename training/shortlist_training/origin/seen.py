"""Which events of a log the bundle has learnt from, and which are news to it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.state.histories import Histories
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.origin.opening import Origin
from shortlist_training.origin.rows import CarriedRows


def seen_first(origin: Origin, dataset: Dataset, rows: CarriedRows) -> tuple[Dataset, NDArray[np.int64]]:
    """Return the log with what the bundle knows before what it does not, and how much that is, int64 [M + 1].

    With times that is the order anyway: a customer's news is what came after the last event that the bundle has of
    them. Without times the events that it has are told by their items, and moved to the front.
    """
    if dataset.has_times:
        return dataset, _by_time(origin.model.snapshot.events, dataset.events, rows.customers)
    seen = _by_item(origin.model.snapshot.events, dataset.events, rows)
    owners = dataset.events.owners
    order = np.lexsort((~seen, owners))
    counts = np.bincount(owners, weights=seen, minlength=len(dataset.events)).astype(np.int64)
    return _reordered(dataset, order), counts


def _by_time(before: Histories, now: Histories, customers: NDArray[np.int32]) -> NDArray[np.int64]:
    last = np.full(len(before), -np.inf)
    held = np.flatnonzero(before.lengths)
    last[held] = before.times[before.offsets[held + 1] - 1]
    # Of what happened at one moment it may have only a part.
    at_last = np.bincount(before.owners, weights=before.times == last[before.owners], minlength=len(before))
    own_last, own_at_last = last[customers], at_last[customers]
    # Row 0 stands for those whom the bundle does not know: all they did is news.
    own_last[customers == 0] = -np.inf
    owners = now.owners
    earlier = np.bincount(owners, weights=now.times < own_last[owners], minlength=len(now))
    same = np.bincount(owners, weights=now.times == own_last[owners], minlength=len(now))
    return (earlier + np.minimum(same, own_at_last)).astype(np.int64)


def _by_item(before: Histories, now: Histories, rows: CarriedRows) -> NDArray[np.bool_]:
    """Return which events the bundle has: of each customer and item as many as it has, bool [E]."""
    width = len(rows.items)
    back_customers, back_items = (
        np.zeros(len(before), np.int64),
        np.zeros(int(before.items.max(initial=0)) + 1, np.int64),
    )
    back_customers[rows.customers] = np.arange(len(rows.customers))
    inside = rows.items < len(back_items)
    back_items[rows.items[inside]] = np.flatnonzero(inside)
    back_customers[0] = back_items[0] = 0
    owners, items = back_customers[before.owners], back_items[before.items]
    there = (owners > 0) & (items > 0)
    known, counts = np.unique(owners[there] * width + items[there], return_counts=True)
    keys = now.owners * width + now.items
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    number = np.empty(len(keys), np.int64)
    number[order] = np.arange(len(keys)) - np.searchsorted(ordered, ordered)
    place = np.minimum(np.searchsorted(known, keys), max(len(known) - 1, 0))
    held = np.where(known[place] == keys, counts[place], 0) if len(known) else np.zeros(len(keys), np.int64)
    return np.asarray(number < held)


def _reordered(dataset: Dataset, order: NDArray[np.int64]) -> Dataset:
    events = dataset.events
    moved = replace(events, items=events.items[order], times=events.times[order], values=events.values[order])
    return replace(
        dataset,
        events=moved,
        ratings=None if dataset.ratings is None else dataset.ratings[order],
        steps=dataset.steps[order],
        context_features=None if dataset.context_features is None else dataset.context_features.take(order),
    )
