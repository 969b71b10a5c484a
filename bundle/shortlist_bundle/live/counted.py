"""Counts of pairs and of takings as events come: what `PairsSince` is made of."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.live.rows import GrowingRows
from shortlist_bundle.sources.since import Keys, PairsSince, norms, pair_keys

MOST_PAIRS = 500_000
"""Pairs that are held of one source; of more the most frequent three quarters stay."""
LEAST_ROUND, ROUND_SHARE = 8_192, 8
"""After so many counts what came last is taken into what came before, or after an eighth as many as that has pairs."""


Pairs = tuple[Keys, Keys]
"""Rising keys, each once, and their sums."""


class CountedPairs:
    """Counts pairs for a source that others go on reading as it was.

    What it has come to depends on the counts alone, however often it is looked at: whole numbers are added up, and what
    is given up for want of room is decided after a number of counts.

    Args:
        takings: [N + 1], takings of each item that the bundle has counted.
        most: pairs that are held.
    """

    def __init__(self, takings: NDArray[np.integer], *, most: int = MOST_PAIRS) -> None:
        self.dropped = 0
        """Pairs that had to make room."""
        self._most = most
        self._base = takings
        self._inverse = GrowingRows((1.0 / norms(takings)).astype(np.float32))
        self._shift = GrowingRows(np.ones(len(takings), np.float32))
        self._taken: dict[int, int] = {}
        self._touched = set[int]()
        self._moved: dict[int, int] = {}
        self._old: Pairs = _no_pairs()
        self._new: Pairs = _no_pairs()
        self._waiting: list[Pairs] = []
        self._since_round = 0

    def append(self, count: int) -> None:
        """Add items behind the others."""
        nobody = np.zeros(count)
        self._inverse.append((1.0 / norms(nobody)).astype(np.float32))
        self._shift.append(np.ones(count, np.float32))

    def take(self, item: int) -> None:
        """Count a taking of an item."""
        self._taken[item] = self._taken.get(item, 0) + 1
        self._touched.add(item)

    def count(self, items: NDArray[np.integer], others: NDArray[np.integer], amounts: Keys) -> None:
        """Count pairs of items, int [n] each; amounts in `UNIT`s."""
        self._waiting.append((pair_keys(items, others), amounts))
        self._since_round += len(amounts)
        if self._since_round >= max(LEAST_ROUND, len(self._old[0]) // ROUND_SHARE):
            self._round()

    def move(self, old: int, new: int) -> None:
        """Let an item that came after the bundle have another row, behind all others."""
        self._moved = {row: new if now == old else now for row, now in self._moved.items()} | {old: new}
        if old in self._taken:
            self._taken[new] = self._taken.pop(old)
            self._touched |= {old, new}

    def since(self) -> PairsSince:
        """Return what has been counted; it stays as it is."""
        self._settle()
        return PairsSince(
            keys=self._old[0], sums=self._old[1], new_keys=self._new[0], new_sums=self._new[1],
            inverse=self._inverse.table, shift=self._shifted(),
        )  # fmt: skip

    def _round(self) -> None:
        """Take what came last into what came before, and make room."""
        self._settle()
        self._old, self._new, self._since_round = _merged(*self._old, *self._new), _no_pairs(), 0
        if len(self._old[0]) > self._most:
            kept = _strongest(*self._old, self._most - self._most // 4)
            self.dropped += len(self._old[0]) - len(kept[0])
            self._old = kept

    def _settle(self) -> None:
        """Put in order what has been counted since the last look."""
        if self._waiting:
            keys, sums = (np.concatenate(parts) for parts in zip(*self._waiting, strict=True))
            self._waiting = []
            self._new = _merged(*self._new, *_summed_up(keys, sums))
        if self._moved:
            self._old, self._new = (_renamed(*pairs, self._moved) for pairs in (self._old, self._new))
            self._moved = {}

    def _shifted(self) -> NDArray[np.float32]:
        if self._touched:
            rows = np.array(sorted(self._touched))
            base = np.array([self._base[row] if row < len(self._base) else 0 for row in rows.tolist()], np.float64)
            now = base + np.array([self._taken.get(row, 0) for row in rows.tolist()])
            self._shift.set(rows, (norms(base) / norms(now)).astype(np.float32))
            self._touched = set()
        return self._shift.table


def _no_pairs() -> Pairs:
    return np.zeros(0, np.int64), np.zeros(0, np.int64)


def _summed_up(keys: Keys, sums: Keys) -> Pairs:
    """Return pairs in any order as rising ones, each once."""
    order = np.argsort(keys, kind="stable")
    rising = keys[order]
    first = np.flatnonzero(np.concatenate([[True], rising[1:] != rising[:-1]]))
    return rising[first], np.add.reduceat(sums[order], first)


def _renamed(keys: Keys, sums: Keys, moved: Mapping[int, int]) -> Pairs:
    """Return pairs with some items in other rows."""
    items, others = keys >> 32, keys & 0xFFFFFFFF
    olds = np.array(sorted(moved))
    news = np.array([moved[old] for old in olds.tolist()])
    for rows in (items, others):
        place = np.minimum(np.searchsorted(olds, rows), len(olds) - 1)
        found = olds[place] == rows
        rows[found] = news[place[found]]
    return _summed_up(pair_keys(items, others), sums) if len(keys) else (keys, sums)


def _strongest(keys: Keys, sums: Keys, count: int) -> Pairs:
    """Return the pairs of the largest sums; of equal ones those that stand first."""
    kept = np.sort(np.argsort(-sums, kind="stable")[:count])
    return keys[kept], sums[kept]


@compiled
def _merged(keys: Keys, sums: Keys, more_keys: Keys, more_sums: Keys) -> Pairs:
    """Return two lots of pairs as one."""
    found, totals = np.empty(len(keys) + len(more_keys), np.int64), np.empty(len(keys) + len(more_keys), np.int64)
    size, place, other = 0, 0, 0
    while place < len(keys) or other < len(more_keys):
        key = keys[place] if place < len(keys) else more_keys[other]
        if other < len(more_keys):
            key = min(key, more_keys[other])
        total = 0
        if place < len(keys) and keys[place] == key:
            total += sums[place]
            place += 1
        if other < len(more_keys) and more_keys[other] == key:
            total += more_sums[other]
            other += 1
        found[size], totals[size] = key, total
        size += 1
    return found[:size].copy(), totals[:size].copy()
