"""The lists of an inverted-file index, searched for the allowed items alone."""

from copy import copy
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.top import replace_least

Vectors = NDArray[np.float32]
Items = NDArray[np.int32]
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]

SETTLED = 0.005
"""The search ends when the last half of the lists visited has brought no more than this share of the best."""


class Lists:
    """What stands in the lists of an inverted file (Jégou et al. 2011, https://doi.org/10.1109/TPAMI.2010.57).

    FAISS visits a number of lists that is fixed beforehand. How many a filter needs is not known beforehand: the few
    that are near may hold hardly anything that is allowed, and the best that is allowed may stand anywhere. So the
    lists are visited here, nearest first, until the result has settled (early termination by what the last lists
    brought, as in Li et al. 2020, https://doi.org/10.1145/3318464.3380600, with a rule in place of a learnt model).

    Args:
        index: a FAISS inverted file over item rows 1..N (its id 0 is item row 1).
        probes: lists that a search without a filter visits.
    """

    def __init__(self, index: Any, probes: int) -> None:
        self._centroids: Vectors = faiss.downcast_index(index.quantizer).reconstruct_n(0, index.nlist)
        self._borders, self._members = _standing(index.invlists, index.nlist, index.ntotal)
        self._probes = min(probes, index.nlist)

    @property
    def visited(self) -> float:
        """Share of the lists that a search without a filter visits, in (0, 1]."""
        return self._probes / len(self._centroids)

    def visiting(self, probes: int) -> "Lists":
        """Return the same lists, of which a search without a filter visits another number."""
        lists = copy(self)
        lists._probes = min(probes, len(self._centroids))
        return lists

    def search(self, vectors: Vectors, query: Vectors, depth: int, allowed: Mask) -> tuple[Items, Scores, int, int]:
        """Return allowed items among which are the best `depth`, as far as the search could see.

        Args:
            vectors: of all items, float32 [N + 1, D].
            query: float32 [D].
            depth: how many are wanted; fewer come back only if all lists were visited.
            allowed: bool [N + 1].

        Returns:
            Item rows in no particular order and their inner products with the query; then how many items stand in the
            lists that were visited, and how many of those are allowed.
        """
        # An index may be wider than the vectors, by zeros.
        order = np.argsort(-(self._centroids[:, : len(query)] @ query), kind="stable")
        few = int(SETTLED * depth)
        return _searched(order, self._borders, self._members, vectors, query, allowed, depth, self._probes, few)


def _standing(lists: Any, count: int, items: int) -> tuple[NDArray[np.int64], Items]:
    """Return where each list begins, int64 [count + 1], and the item rows of all lists end to end, int32 [N].

    Raises:
        ValueError: A list holds an item that there is not: its vector would be looked for outside all vectors.
    """
    borders = np.zeros(count + 1, np.int64)
    np.cumsum([lists.list_size(number) for number in range(count)], out=borders[1:])
    members = np.empty(borders[-1], np.int32)
    for number in range(count):
        ids = _ids(lists, number)
        if ids.min(initial=0) < 0 or ids.max(initial=0) >= items:
            raise ValueError(f"list {number} of an index holds items that there are not")
        members[borders[number] : borders[number + 1]] = ids + 1
    return borders, members


def _ids(lists: Any, number: int) -> NDArray[np.int64]:
    """Return what one list holds, int64 [n], counted from 0."""
    size = lists.list_size(number)
    ids: NDArray[np.int64] = faiss.rev_swig_ptr(lists.get_ids(number), size) if size else np.zeros(0, np.int64)
    return ids


@compiled
def _searched(
    order: NDArray[np.int64],
    borders: NDArray[np.int64],
    members: Items,
    vectors: Vectors,
    query: Vectors,
    allowed: Mask,
    depth: int,
    probes: int,
    few: int,
) -> tuple[Items, Scores, int, int]:
    best = np.full(depth, np.float32(-np.inf), np.float32)
    items, scores = np.empty(len(members), np.int32), np.empty(len(members), np.float32)
    size, scanned, survived = 0, 0, 0
    start, stop = 0, probes  # the first place that came in since the last look, and the lists until the next
    for visited in range(len(order)):
        if visited == stop:
            brought = 0
            for place in range(start, size):
                brought += scores[place] >= best[0]
            if survived >= depth and brought <= few:
                break
            start, stop = size, 2 * stop
        first, last = borders[order[visited]], borders[order[visited] + 1]
        scanned += last - first
        for place in range(first, last):
            item = members[place]
            if allowed[item]:
                survived += 1
                score = np.float32(0)
                for letter in range(len(query)):
                    score += vectors[item, letter] * query[letter]
                if score >= best[0]:
                    items[size], scores[size] = item, score
                    size += 1
                    replace_least(best, score)
    return items[:size], scores[:size], scanned, survived
