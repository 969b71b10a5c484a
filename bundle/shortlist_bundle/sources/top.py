"""The best few of many, by falling score and then by rising item row: the one order of every list."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled

Scores = NDArray[np.float32]


def top(items: NDArray[np.integer], scores: Scores, depth: int) -> tuple[NDArray[np.integer], Scores]:
    """Return the `depth` best of a flat list by falling score, ties by rising item row."""
    best = best_places(items, scores, depth)
    return items[best], scores[best]


@compiled
def best_places(items: NDArray[np.integer], scores: Scores, depth: int) -> NDArray[np.int64]:
    """Return where the `depth` best of a flat list stand, best first; fewer where the list is shorter."""
    if depth <= 0:
        return np.empty(0, np.int64)
    floor = np.float32(-np.inf) if len(scores) <= depth else nth_best(scores, depth)
    places, size = np.empty(len(scores), np.int64), 0
    for place in range(len(scores)):
        if scores[place] >= floor:
            places[size] = place
            size += 1
    # Heap sort: the worst comes to the root and goes to the end.
    for node in range(size // 2 - 1, -1, -1):
        _sink(items, scores, places, node, size)
    for last in range(size - 1, 0, -1):
        places[0], places[last] = places[last], places[0]
        _sink(items, scores, places, 0, last)
    return places[: min(size, depth)]


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


@compiled
def _sink(items: NDArray[np.integer], scores: Scores, heap: NDArray[np.int64], node: int, size: int) -> None:
    while 2 * node + 1 < size:
        child = 2 * node + 1
        if child + 1 < size and _worse(items, scores, heap[child + 1], heap[child]):
            child += 1
        if not _worse(items, scores, heap[child], heap[node]):
            return
        heap[node], heap[child] = heap[child], heap[node]
        node = child


@compiled
def _worse(items: NDArray[np.integer], scores: Scores, one: int, other: int) -> bool:
    return scores[one] < scores[other] or (scores[one] == scores[other] and items[one] > items[other])
