"""Fit user-based collaborative filtering: who can be a neighbour, and what they have taken."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.sources.alike import Takers
from shortlist_bundle.sources.user_cf import UserCf
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.retrieval.counting import visible
from shortlist_training.retrieval.successors import baskets

CUSTOMERS = 100_000
"""Customers who can be neighbours, the newest: more of them cost every request, and hardly change who is nearest."""
ITEMS = 1_000
"""Distinct items of one neighbour, the newest."""
TAKERS = 5_000
"""Takers that one item is compared through: what nearly everybody takes tells next to nothing about anybody."""
NEIGHBOURS, FOCUS, LENGTH, FADE = 50, 3.0, 100, 0.9


def find_takers(dataset: Dataset, limits: NDArray[np.int64]) -> UserCf:
    """Return the source of what is visible below the limits, with settings yet to be tuned."""
    owners, items, amounts, moments = _taken(dataset, limits)
    people = _newest_people(owners, moments)
    place = np.full(dataset.customer_rows, -1, np.int64)
    place[people] = np.arange(len(people))
    kept = place[owners] >= 0
    order = np.lexsort((items[kept], place[owners[kept]]))
    position, chosen = place[owners[kept]][order], items[kept][order]
    known = np.bincount(chosen, minlength=dataset.item_rows)
    takers = Takers(
        customers=people.astype(np.int32),
        offsets=np.searchsorted(position, np.arange(len(people) + 1)).astype(np.int64),
        items=chosen.astype(np.int32),
        amounts=amounts[kept][order].astype(np.float32),
        rarity=np.log1p(max(len(people), 1) / np.maximum(known, 1)).astype(np.float32),
        most=TAKERS,
    )
    return UserCf(
        takers=takers, neighbours=NEIGHBOURS, focus=FOCUS, length=LENGTH, fade=FADE, by_moment=baskets(dataset)
    )


def _taken(
    dataset: Dataset, limits: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return each customer's newest distinct items: owners, items, amounts taken, and when for the last time."""
    events, width = dataset.events, dataset.item_rows
    see = np.flatnonzero(visible(dataset, limits) & (events.items > 0))
    pairs, index = np.unique(events.owners[see] * width + events.items[see], return_inverse=True)
    amounts = np.bincount(index, weights=events.strengths[see], minlength=len(pairs)).astype(np.float64)
    newest = np.zeros(len(pairs), np.int64)
    np.maximum.at(newest, index, see)
    owners = pairs // width
    # Of each customer the newest items stay: their rank from the end of the history.
    order = np.lexsort((-newest, owners))
    rank = np.empty(len(pairs), np.int64)
    rank[order] = np.arange(len(pairs)) - np.searchsorted(owners, owners)
    keep = (rank < ITEMS) & (amounts > 0)
    return owners[keep], (pairs % width)[keep], amounts[keep], events.times[newest[keep]]


def _newest_people(owners: NDArray[np.int64], moments: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return who can be a neighbour, rising: where there are too many, those who were there last."""
    people, index = np.unique(owners, return_inverse=True)
    last = np.full(len(people), -np.inf)
    np.maximum.at(last, index, moments)
    newest = np.lexsort((people, -last))[:CUSTOMERS]
    return np.sort(people[newest])
