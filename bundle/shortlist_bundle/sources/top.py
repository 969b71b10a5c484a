"""The best few of many, by falling score and then by rising item row: the one order of every list."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled

Scores = NDArray[np.float32]

WORTH_SORTING = 3
"""Up to so many times as many as wanted are sorted as they are; of more the best are picked out first."""


def top(items: NDArray[np.integer], scores: Scores, depth: int) -> tuple[NDArray[np.integer], Scores]:
    """Return the `depth` best of a flat list by falling score, ties by rising item row."""
    best = best_places(items, scores, depth)
    return items[best], scores[best]


@compiled
def best_places(items: NDArray[np.integer], scores: Scores, depth: int) -> NDArray[np.int64]:
    """Return where the `depth` best of a flat list stand, best first; fewer where the list is shorter."""
    if depth <= 0:
        return np.empty(0, np.int64)
    floor = np.float32(-np.inf) if len(scores) <= WORTH_SORTING * depth else nth_best(scores, depth)
    places, kept, size = np.empty(len(scores), np.int64), np.empty(len(scores), np.float32), 0
    for place in range(len(scores)):
        if scores[place] >= floor:
            # Zero has two spellings, which are equal.
            places[size], kept[size] = place, scores[place] if scores[place] != 0 else np.float32(0)
            size += 1
    # Floats of one sign are ordered as the whole numbers that their bits spell: one key for score and row together,
    # the smaller the better.
    bits, keys = kept.view(np.int32), np.empty(size, np.int64)
    for kept_place in range(size):
        spelt = np.int64(bits[kept_place])
        rising = spelt if spelt >= 0 else -(spelt & np.int64(0x7FFFFFFF))
        keys[kept_place] = -rising * np.int64(2**32) + np.int64(items[places[kept_place]])
    return places[:size][np.argsort(keys)[:depth]]


@compiled
def nth_best(scores: Scores, depth: int) -> np.float32:
    """Return the `depth`-th largest of at least so many scores."""
    heap = np.full(depth, np.float32(-np.inf), np.float32)
    for score in scores:
        replace_least(heap, score)
    return heap[0]


@compiled
def replace_least(heap: Scores, score: np.float32) -> None:
    """Put a score into a heap, least at its root, in place of the least, if it is larger."""
    if score <= heap[0]:
        return
    node = 0
    while 2 * node + 1 < len(heap):
        child = 2 * node + 1
        if child + 1 < len(heap) and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= score:
            break
        heap[node] = heap[child]
        node = child
    heap[node] = score
