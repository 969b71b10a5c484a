"""Max-sum diversification: the set of items with the most takings and the most distance together.

The value of a set is its expected takings plus a weight times the mean distance of its pairs. The weight grows with the
length of the list, so that a place in it counts alike in all lists. Greedy choice comes
first (Gollapudi and Sharma 2009, "An axiomatic approach for result diversification",
https://doi.org/10.1145/1526709.1526761), then the best swap of two items, again and again until none helps (Borodin,
Lee and Ye 2012, "Max-sum diversification, monotone submodular functions and dynamic updates",
https://doi.org/10.1145/2213556.2213580). A set has no order, and distance does not depend on one: the list is shown in
the order of relevance, which is best for whoever reads from the top.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.likeness import Rows, fill_likeness
from shortlist_bundle.diversity.method import Pool
from shortlist_bundle.diversity.rules import Rules, may_replace, next_place, replace_place, take_place
from shortlist_bundle.diversity.trade import LENGTH

MOST_SWAPS = 60
"""Three for each item of a list of 20, where ten are usual."""
GAIN = 1e-9
"""A swap must bring more than rounding does."""


class MaxSum:
    """See `Method`: a set's value is (1 - s) takings + s scale k / 20 mean distance of its pairs, distances in [0, 1].

    Divided by 1 - s that is takings + lambda k / 20 distance, with lambda = scale s / (1 - s), and distance alone for
    s = 1. Without k / 20, a strength that costs 1 % of nDCG in a list of 20 costs several times that in one of 5, and
    next to nothing in one of 50. The value is never below that of the most relevant items that the rules allow.

    Args:
        scale: the lambda of strength 0.5, above 0; see `Trade`.
    """

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def __call__(self, pool: Pool, rules: Rules, *, strength: float, k: int) -> NDArray[np.int64]:
        """See `Method`."""
        pairs = max(k * (k - 1) / 2, 1.0)
        worth, weight = (1.0 - strength) * pool.chances, strength * self.scale * (k / LENGTH) / pairs
        places = np.sort(_picked(pool.relevance, worth, pool.likeness.rows(pool.items), rules, weight, k))
        return places[np.argsort(-pool.relevance[places], kind="stable")]


class _Chosen(NamedTuple):
    """A set of k candidates.

    Attributes:
        places: int64 [k].
        taken: bool [K], which they are.
        alike: float32 [k, K], how alike each of them and every candidate are.
        distances: float64 [K], of every candidate to all of them but itself, added up.
        rules: with the room that they leave.
    """

    places: NDArray[np.int64]
    taken: NDArray[np.bool_]
    alike: NDArray[np.float32]
    distances: NDArray[np.float64]
    rules: Rules


@compiled
def _picked(
    relevance: NDArray[np.float64], worth: NDArray[np.float64], rows: Rows, rules: Rules, weight: float, k: int
) -> NDArray[np.int64]:
    plain = _greedy(relevance, rows, rules, 0.0, k)
    chosen = _greedy(worth, rows, rules, weight, k)
    if _value(plain, worth, weight) > _value(chosen, worth, weight):
        chosen = plain
    spread = np.zeros(rows.width, np.float32)
    for _ in range(MOST_SWAPS):
        rank, place = _best_swap(chosen, worth, weight)
        if rank < 0:
            break
        _swap(chosen, rank, place, rows, spread)
    return chosen.places


@compiled
def _greedy(worth: NDArray[np.float64], rows: Rows, rules: Rules, weight: float, k: int) -> _Chosen:
    count = len(worth)
    # Two sets are made by the same rules, and each uses up room of its own.
    own = Rules(rules.offsets, rules.groups, rules.room.copy(), rules.reserved)
    places, taken = np.empty(k, np.int64), np.zeros(count, np.bool_)
    alike, distances = np.empty((k, count), np.float32), np.zeros(count)
    chosen = _Chosen(places, taken, alike, distances, own)
    spread, gains = np.zeros(rows.width, np.float32), np.empty(count)
    for rank in range(k):
        for place in range(count):
            gains[place] = worth[place] + weight * distances[place]
        places[rank] = next_place(gains, own, taken, k - rank)
        take_place(places[rank], own, taken)
        fill_likeness(places[rank], rows, spread, alike[rank])
        _add_distances(chosen, rank, 1.0)
    return chosen


@compiled
def _add_distances(chosen: _Chosen, rank: int, sign: float) -> None:
    """Count one of the set's items in everybody's distance but its own, or with -1 no longer."""
    own = chosen.places[rank]
    kept = chosen.distances[own]
    for place in range(len(chosen.distances)):
        chosen.distances[place] += sign * (1.0 - chosen.alike[rank, place])
    chosen.distances[own] = kept


@compiled
def _value(chosen: _Chosen, worth: NDArray[np.float64], weight: float) -> float:
    total = 0.0
    for place in chosen.places:
        # Each pair is in the distance of both.
        total += worth[place] + weight * chosen.distances[place] / 2.0
    return total


@compiled
def _best_swap(chosen: _Chosen, worth: NDArray[np.float64], weight: float) -> tuple[int, int]:
    """Return the rank of who leaves the set and the place of who comes, the first for equal gains; -1 for no gain."""
    best, best_rank, best_place = GAIN, -1, -1
    for rank in range(len(chosen.places)):
        leaving = chosen.places[rank]
        lost = worth[leaving] + weight * chosen.distances[leaving]
        for place in range(len(worth)):
            # Whoever comes is far from those who stay; the distance to the one who leaves does not count.
            found = worth[place] + weight * (chosen.distances[place] - (1.0 - chosen.alike[rank, place])) - lost
            if found > best and not chosen.taken[place] and may_replace(leaving, place, chosen.rules):
                best, best_rank, best_place = found, rank, place
    return best_rank, best_place


@compiled
def _swap(chosen: _Chosen, rank: int, place: int, rows: Rows, spread: NDArray[np.float32]) -> None:
    replace_place(chosen.places[rank], place, chosen.rules, chosen.taken)
    _add_distances(chosen, rank, -1.0)
    chosen.places[rank] = place
    fill_likeness(place, rows, spread, chosen.alike[rank])
    _add_distances(chosen, rank, 1.0)
