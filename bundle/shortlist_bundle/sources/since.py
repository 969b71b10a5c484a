"""Pairs of items that were counted after a bundle was made, laid over the weights that it has."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.sums import DENSE, moved_out

Keys = NDArray[np.int64]
Float = NDArray[np.float32]

UNIT = 1 << 20
"""Pairs are counted in whole numbers of such a part, so that their sum does not depend on the order of adding up."""
DAMPING = 5.0
"""Takings at which an item's weights count half."""


def norms(takings: NDArray[np.integer] | NDArray[np.floating]) -> NDArray[np.float64]:
    """Return what counts of pairs are divided by for each of their two items: a damped root of its takings."""
    taken = np.maximum(np.asarray(takings, np.float64), 1.0)
    return np.sqrt(taken) * (np.asarray(takings, np.float64) + DAMPING) / taken


def pair_keys(items: NDArray[np.integer], others: NDArray[np.integer]) -> Keys:
    """Return one number for each pair, int64 [n]; they rise by the item, then by the other."""
    return (np.asarray(items, np.int64) << 32) | np.asarray(others, np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairsSince:
    """What has been counted since, for a source whose weights are counts of pairs divided by the norms of both items.

    A weight is then `weight * shift[item] * shift[other]` for what the bundle has counted, since more takings divide
    it, and what was counted since divided by the norms as they are now. Both together are the weight that counting
    everything anew would give, but for pairs that the bundle has left out among its best.

    Attributes:
        keys: int64 [Z], see `pair_keys`, rising.
        sums: int64 [Z], counts in `UNIT`s.
        new_keys, new_sums: the same, of what came last; a pair may be in both.
        inverse: float32 [N + 1], one over the norms that the bundle has divided by.
        shift: float32 [N + 1], those norms over the norms as they are now; 1 where nothing was taken since.
    """

    keys: Keys
    sums: Keys
    new_keys: Keys
    new_sums: Keys
    inverse: Float
    shift: Float

    def strengths(self, keys: Keys, strength: Float, width: int) -> Float:
        """Return how much things count where their weights are those of the bundle."""
        return strength * self.shift[keys % width]

    def laid_over(self, found: Keys, scores: Float, keys: Keys, strength: Float, width: int) -> tuple[Keys, Float]:
        """Return a source's scores with what was counted since.

        Args:
            found: int64 [P], `owner * width + item`, rising.
            scores: float32 [P], by the bundle's weights and `strengths`.
            keys: int64 [V], `owner * width + thing`, rising, those that speak.
            strength: float32 [V], how much each counts.
            width: number of items plus one.
        """
        return _laid_over(
            found, scores, keys, strength, width, self.keys, self.sums, self.new_keys, self.new_sums, self.inverse,
            self.shift,
        )  # fmt: skip

    def parts(self, amounts: Float, keys: Keys, strength: Float, width: int, items: NDArray[np.int32]) -> Float:
        """Return what each thing adds to the scores of its owner's items, with what was counted since.

        Args:
            amounts: float32 [V, k], by the bundle's weights and `strengths`; overwritten.
            keys: see `laid_over`.
            strength: likewise.
            width: likewise.
            items: int32 [B, k], item rows, 0 for none.
        """
        _add_parts(
            amounts, keys, strength, width, items, self.keys, self.sums, self.new_keys, self.new_sums, self.inverse,
            self.shift,
        )  # fmt: skip
        return amounts


@compiled
def _laid_over(
    found: Keys,
    scores: Float,
    keys: Keys,
    strength: Float,
    width: int,
    old_keys: Keys,
    old_sums: Keys,
    new_keys: Keys,
    new_sums: Keys,
    inverse: Float,
    shift: Float,
) -> tuple[Keys, Float]:
    starts, stops = np.empty((2, len(keys)), np.int64), np.empty((2, len(keys)), np.int64)
    room = _stretches(old_keys, keys, width, starts[0], stops[0]) + _stretches(
        new_keys, keys, width, starts[1], stops[1]
    )
    scaled, shares = np.empty(len(scores), np.float32), np.empty(len(keys), np.float32)
    for place in range(len(found)):
        scaled[place] = scores[place] * shift[found[place] % width]
    if not room:
        return found, scaled
    for place in range(len(keys)):
        thing = keys[place] % width
        shares[place] = strength[place] * inverse[thing] * shift[thing] / UNIT
    if DENSE * room > width:
        return _spread(
            found, scaled, keys, shares, width, old_keys, old_sums, new_keys, new_sums, starts, stops, inverse, shift
        )
    more, amounts, size = np.empty(room, np.int64), np.empty(room, np.float32), 0
    for place in range(len(keys)):
        first = keys[place] - keys[place] % width
        for at in range(starts[0, place], stops[0, place]):
            other = old_keys[at] & 0xFFFFFFFF
            more[size], amounts[size] = first + other, shares[place] * old_sums[at] * inverse[other] * shift[other]
            size += 1
        for at in range(starts[1, place], stops[1, place]):
            other = new_keys[at] & 0xFFFFFFFF
            more[size], amounts[size] = first + other, shares[place] * new_sums[at] * inverse[other] * shift[other]
            size += 1
    return _joined(found, scaled, more, amounts)


@compiled
def _spread(
    found: Keys,
    scores: Float,
    keys: Keys,
    shares: Float,
    width: int,
    old_keys: Keys,
    old_sums: Keys,
    new_keys: Keys,
    new_sums: Keys,
    starts: Keys,
    stops: Keys,
    inverse: Float,
    shift: Float,
) -> tuple[Keys, Float]:
    """Return the same by a look at every item: many pairs are added up faster than put in order."""
    owners = keys[-1] // width + 1 if len(keys) else 0
    if len(found):
        owners = max(owners, found[-1] // width + 1)
    room = min(owners * width, len(found) + int((stops - starts).sum())) + 1
    more, amounts, filled = np.empty(room, np.int64), np.empty(room, np.float32), 0
    sums, place, at = np.zeros(width, np.float32), 0, 0
    for owner in range(owners):
        stop = (owner + 1) * width
        while place < len(keys) and keys[place] < stop:
            for one in range(starts[0, place], stops[0, place]):
                sums[old_keys[one] & 0xFFFFFFFF] += shares[place] * old_sums[one]
            for one in range(starts[1, place], stops[1, place]):
                sums[new_keys[one] & 0xFFFFFFFF] += shares[place] * new_sums[one]
            place += 1
        for item in range(width):
            sums[item] *= inverse[item] * shift[item]
        while at < len(found) and found[at] < stop:
            sums[found[at] - owner * width] += scores[at]
            at += 1
        filled = moved_out(sums, owner, more, amounts, filled)
    return more[:filled], amounts[:filled]


@compiled
def _stretches(counted: Keys, keys: Keys, width: int, starts: Keys, stops: Keys) -> int:
    """Fill in where the pairs of each thing begin and end, and return how many they are."""
    total = 0
    for place in range(len(keys)):
        thing = keys[place] % width
        start = np.searchsorted(counted, thing << 32)
        stop = start
        while stop < len(counted) and counted[stop] >> 32 == thing:
            stop += 1
        starts[place], stops[place] = start, stop
        total += stop - start
    return total


@compiled
def _joined(found: Keys, scores: Float, more: Keys, amounts: Float) -> tuple[Keys, Float]:
    """Return rising keys with further ones that are in no order; those that are equal are summed up."""
    order = np.argsort(more, kind="mergesort")
    keys, sums = np.empty(len(found) + len(more), np.int64), np.empty(len(found) + len(more), np.float32)
    size, place, other = 0, 0, 0
    while place < len(found) or other < len(more):
        if other == len(more) or (place < len(found) and found[place] <= more[order[other]]):
            key, amount = found[place], scores[place]
            place += 1
        else:
            key, amount = more[order[other]], amounts[order[other]]
            other += 1
        if size and keys[size - 1] == key:
            sums[size - 1] += amount
        else:
            keys[size], sums[size] = key, amount
            size += 1
    return keys[:size], sums[:size]


@compiled
def _add_parts(
    amounts: Float,
    keys: Keys,
    strength: Float,
    width: int,
    items: NDArray[np.int32],
    old_keys: Keys,
    old_sums: Keys,
    new_keys: Keys,
    new_sums: Keys,
    inverse: Float,
    shift: Float,
) -> None:
    for place in range(len(keys)):
        thing, own = keys[place] % width, items[keys[place] // width]
        for column in range(len(own)):
            amounts[place, column] *= shift[own[column]]
        share = strength[place] * inverse[thing] * shift[thing] / UNIT
        for column in range(len(own)):
            other = own[column]
            count = _count(old_keys, old_sums, thing, other) + _count(new_keys, new_sums, thing, other)
            if other > 0 and count > 0:
                amounts[place, column] += share * count * inverse[other] * shift[other]


@compiled
def _count(keys: Keys, sums: Keys, thing: int, other: int) -> int:
    key = (np.int64(thing) << 32) | np.int64(other)
    place = np.searchsorted(keys, key)
    return sums[place] if place < len(keys) and keys[place] == key else 0
