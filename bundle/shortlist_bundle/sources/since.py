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
    scaled = np.empty(len(scores), np.float32)
    for place in range(len(found)):
        scaled[place] = scores[place] * shift[found[place] % width]
    reached = np.zeros(len(keys), np.int64)
    for place in range(len(keys)):
        thing = keys[place] % width
        reached[place] = _pairs_of(old_keys, thing) + _pairs_of(new_keys, thing)
    room = reached.sum()
    if not room:
        return found, scaled
    joined, amounts = np.empty(len(found) + room + 1, np.int64), np.empty(len(found) + room + 1, np.float32)
    sums, items, values = np.zeros(width, np.float32), np.empty(room, np.int64), np.empty(room, np.float32)
    place, at, filled = 0, 0, 0
    while place < len(keys) or at < len(found):
        # What an owner gets depends on their own alone, so that a batch answers each as if asked alone.
        owner = keys[place] // width if place < len(keys) else found[at] // width
        if at < len(found):
            owner = min(owner, found[at] // width)
        first, last, own = place, at, 0
        while place < len(keys) and keys[place] < (owner + 1) * width:
            thing = keys[place] % width
            share = strength[place] * inverse[thing] * shift[thing] / UNIT
            own += reached[place] and _add(sums, old_keys, old_sums, thing, share)
            own += reached[place] and _add(sums, new_keys, new_sums, thing, share)
            place += 1
        while at < len(found) and found[at] < (owner + 1) * width:
            at += 1
        if DENSE * own > width:
            for item in range(width):
                sums[item] *= inverse[item] * shift[item]
            for one in range(last, at):
                sums[found[one] - owner * width] += scaled[one]
            filled = moved_out(sums, owner, joined, amounts, filled)
            continue
        size = 0
        for voice in range(first, place):
            if reached[voice]:
                size = _collect(sums, old_keys, keys[voice] % width, inverse, shift, items, values, size)
                size = _collect(sums, new_keys, keys[voice] % width, inverse, shift, items, values, size)
        order = np.argsort(items[:size])
        other = 0
        for one in range(last, at):
            while other < size and owner * width + items[order[other]] < found[one]:
                joined[filled], amounts[filled] = owner * width + items[order[other]], values[order[other]]
                filled, other = filled + 1, other + 1
            joined[filled], amounts[filled] = found[one], scaled[one]
            if other < size and owner * width + items[order[other]] == found[one]:
                amounts[filled] += values[order[other]]
                other += 1
            filled += 1
        while other < size:
            joined[filled], amounts[filled] = owner * width + items[order[other]], values[order[other]]
            filled, other = filled + 1, other + 1
    return joined[:filled], amounts[:filled]


@compiled
def _pairs_of(counted: Keys, thing: int) -> int:
    """Return how many pairs a thing has."""
    start: int = np.searchsorted(counted, thing << 32)  # type: ignore[assignment]
    stop = start
    while stop < len(counted) and counted[stop] >> 32 == thing:
        stop += 1
    return stop - start


@compiled
def _add(sums: Float, counted: Keys, counts: Keys, thing: int, share: float) -> int:
    """Add a share of a thing's counts to the sums of the others, and return how many these are."""
    start: int = np.searchsorted(counted, thing << 32)  # type: ignore[assignment]
    stop = start
    while stop < len(counted) and counted[stop] >> 32 == thing:
        sums[counted[stop] & 0xFFFFFFFF] += share * counts[stop]
        stop += 1
    return stop - start


@compiled
def _collect(
    sums: Float, counted: Keys, thing: int, inverse: Float, shift: Float, items: Keys, values: Float, size: int
) -> int:
    """Take the sums of a thing's others out, divided by their norms, each once; return how many there are by now."""
    place = np.searchsorted(counted, thing << 32)
    while place < len(counted) and counted[place] >> 32 == thing:
        other = counted[place] & 0xFFFFFFFF
        if sums[other] != 0:
            items[size], values[size] = other, sums[other] * inverse[other] * shift[other]
            sums[other] = 0  # so that it is taken once
            size += 1
        place += 1
    return size


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
