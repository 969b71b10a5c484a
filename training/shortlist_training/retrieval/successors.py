"""How often one item is taken soon before or after another: counting that knows order.

A sequential form of item-based collaborative filtering; it beats most published transformers on sessions (Ludewig and
Jannach 2018, "Evaluation of session-based recommendation algorithms", https://arxiv.org/abs/1803.09587).
"""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.newest import Newest
from shortlist_bundle.sources.shape import Shape
from shortlist_bundle.sources.since import norms
from shortlist_bundle.sources.top import best_places
from shortlist_training.config.run import SourcesConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.retrieval.counting import visible

SHAPES = (Shape(reach=16, gap=0.9, back=1.0), Shape(reach=8, gap=0.85, back=0.0))
"""Tastes that hold for a while, and paths that are walked in one direction; the tuning window says which."""
LENGTH, FADE = 20, 0.8
BASKET = 2.0
"""Events at one moment, on average, from which on a moment is a basket."""


def find_successors(
    dataset: Dataset, limits: NDArray[np.int64], config: SourcesConfig, shape: Shape = SHAPES[0]
) -> Newest:
    """Count pairs of events near each other in the histories below the limits.

    A pair counts `shape.gap` for every step between the two; the sums are divided by the root of both items' takings,
    and damped for items that were hardly ever taken. Each item keeps its `config.neighbours` best.
    """
    events, width = dataset.events, dataset.item_rows
    see = visible(dataset, limits) & (events.items > 0)
    items, owners, steps = events.items[see], events.owners[see], dataset.steps[see]
    by_moment = baskets(dataset)
    place = np.arange(len(items)) if not by_moment else np.cumsum(_changes(owners, steps))
    takings = np.bincount(items, minlength=width)
    by_item = np.argsort(items, kind="stable")
    indptr, neighbours, weights = _near(
        by_item, np.searchsorted(items[by_item], np.arange(width + 1)), items, owners, place.astype(np.int64),
        norms(takings), shape.events(by_moment=by_moment), shape.gap, shape.back, config.neighbours,
    )  # fmt: skip
    return Newest(
        indptr=indptr,
        neighbours=neighbours,
        weights=weights,
        length=LENGTH,
        fade=FADE,
        by_moment=by_moment,
        shape=shape,
    )


def baskets(dataset: Dataset) -> bool:
    """Return whether several things are usually taken at one moment, whose order then says nothing."""
    owners, steps = dataset.events.owners, dataset.steps
    moments = int(np.count_nonzero(_changes(owners, steps))) + 1
    return len(owners) > BASKET * moments


def _changes(owners: NDArray[np.int64], steps: NDArray[np.int32]) -> NDArray[np.bool_]:
    changes = np.zeros(len(owners), np.bool_)
    changes[1:] = (owners[1:] != owners[:-1]) | (steps[1:] != steps[:-1])
    return changes


@compiled
def _near(
    by_item: NDArray[np.int64],
    borders: NDArray[np.int64],
    items: NDArray[np.int32],
    owners: NDArray[np.int64],
    place: NDArray[np.int64],
    norm: NDArray[np.float64],
    reach: int,
    gap: float,
    back: float,
    keep: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Return each item's best neighbours as rows of a sparse matrix."""
    width = len(borders) - 1
    indptr = np.zeros(width + 1, np.int64)
    neighbours, weights = np.empty(width * keep, np.int32), np.empty(width * keep, np.float32)
    sums, touched = np.full(width, -1.0), np.empty(width, np.int32)  # below zero: not touched
    filled = 0
    for item in range(width):
        size = 0
        for event in by_item[borders[item] : borders[item + 1]]:
            for other in range(max(event - reach, 0), min(event + reach + 1, len(items))):
                counts = 1.0 if place[other] >= place[event] else back
                if owners[other] != owners[event] or items[other] == item or counts == 0:
                    continue
                if sums[items[other]] < 0:
                    touched[size] = items[other]
                    size += 1
                    sums[items[other]] = 0
                sums[items[other]] += counts * gap ** abs(place[other] - place[event])
        near = touched[:size]
        near.sort()
        scores = np.empty(size, np.float32)
        for position in range(size):
            scores[position] = sums[near[position]] / (norm[item] * norm[near[position]])
            sums[near[position]] = -1
        best = best_places(near, scores, keep)
        best.sort()
        for position in best:
            neighbours[filled], weights[filled] = near[position], scores[position]
            filled += 1
        indptr[item + 1] = filled
    return indptr, neighbours[:filled].copy(), weights[:filled].copy()
