"""Ids found by a hash in one flat array, so that all processes of a machine can map the same table.

Open addressing with linear probing (Knuth 1998, The Art of Computer Programming 3, section 6.4); the hash is FNV-1a
(Fowler, Noll and Vo, https://www.rfc-editor.org/rfc/rfc9923), with its high bits folded in.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.errors import VocabularyError

Text = NDArray[np.uint8]
Borders = NDArray[np.int64]
Rows = NDArray[np.int32]

ROOM = 2
"""At least so many slots for each id: every second stays empty, and a search ends soon."""
LONGEST = 512
"""Another seed is tried where more slots than this are taken in a row, as only ids made to collide would do."""
SEEDS = 16
_BASIS = 0xCBF29CE484222325
_SPREAD = 0x9E3779B97F4A7C15
_WORD = 2**64 - 1
_PRIME = np.uint64(0x100000001B3)
_FOLD = np.uint64(32)


@dataclass(frozen=True, slots=True, eq=False)
class IdTable:
    """Where each id of a vocabulary is found.

    Attributes:
        slots: int32 [S], S a power of two; the row of the id that hashes there or a little before, 0 where none does.
        seed: which of the hashes was taken.
        start: what the hash begins with.
    """

    slots: Rows
    seed: int
    start: np.uint64 = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", _start(self.seed))

    def row(self, text: Text, borders: Borders, wanted: Text) -> int:
        """Return the row of one id, 0 if it is not there; see `rows`."""
        return _row(text, borders, self.slots, self.start, wanted, 0, len(wanted))

    def rows(self, text: Text, borders: Borders, wanted: Text, wanted_borders: Borders) -> Rows:
        """Return the rows of ids, int32 [n], 0 for those that are not there.

        Args:
            text: uint8, the ids of rows 1..N in UTF-8, end to end.
            borders: int64 [N + 1], where each begins, and the end.
            wanted: uint8, the ids that are looked for, likewise.
            wanted_borders: int64 [n + 1].
        """
        return _found(text, borders, self.slots, self.start, wanted, wanted_borders)

    def check(self, text: Text, borders: Borders) -> None:
        """Make sure that every id is found, and that no search can leave the table or go on for ever.

        Raises:
            VocabularyError: The table does not belong to these ids.
        """
        slots, ids = self.slots, len(borders) - 1
        if slots.dtype != np.int32 or slots.ndim != 1 or len(slots) != size_of(ids):
            raise VocabularyError(f"id table: must be int32 [{size_of(ids)}], is {slots.dtype} {slots.shape}")
        if not 0 <= self.seed < SEEDS:
            raise VocabularyError(f"id table: the seed is {self.seed}, not one of 0..{SEEDS - 1}")
        if slots.min(initial=0) < 0 or slots.max(initial=0) > ids or np.count_nonzero(slots) != ids:
            raise VocabularyError(f"id table: does not hold each of the rows 1..{ids} once")
        rows = self.rows(text, borders, text, borders)
        if not np.array_equal(rows, np.arange(1, ids + 1)):
            raise VocabularyError("id table: an id is not found where its hash leads; train again")


def table_of(text: Text, borders: Borders) -> IdTable:
    """Return the table of the ids of rows 1..N, the same for the same ids.

    Args:
        text: uint8, the ids in UTF-8, end to end.
        borders: int64 [N + 1], where each begins, and the end.
    """
    slots = np.zeros(size_of(len(borders) - 1), np.int32)
    for seed in range(SEEDS):
        if _fill(text, borders, slots, _start(seed)) <= LONGEST:
            break
    slots.flags.writeable = False
    return IdTable(slots, seed)


def size_of(ids: int) -> int:
    """Return how many slots the table of so many ids has."""
    return 1 << (ROOM * ids).bit_length()


def _start(seed: int) -> np.uint64:
    return np.uint64((_BASIS ^ seed * _SPREAD) & _WORD)


@compiled
def _hash(text: Text, first: int, last: int, start: np.uint64) -> np.uint64:
    value = start
    for place in range(first, last):
        value = (value ^ np.uint64(text[place])) * _PRIME
    return value ^ (value >> _FOLD)


@compiled
def _fill(text: Text, borders: Borders, slots: Rows, start: np.uint64) -> int:
    """Fill the table anew, and return how many slots are taken in a row at most."""
    slots[:] = 0
    last = np.uint64(len(slots) - 1)
    for number in range(len(borders) - 1):
        slot: np.uint64 = _hash(text, borders[number], borders[number + 1], start) & last
        while slots[slot]:
            slot = (slot + np.uint64(1)) & last
        slots[slot] = number + 1
    longest, run = 0, 0
    for place in range(len(slots)):
        run = run + 1 if slots[place] else 0
        longest = max(longest, run)
    return longest


@compiled
def _row(text: Text, borders: Borders, slots: Rows, start: np.uint64, wanted: Text, first: int, end: int) -> int:
    last = np.uint64(len(slots) - 1)
    slot = _hash(wanted, first, end, start) & last
    while slots[slot]:
        row = slots[slot]
        begin = borders[row - 1]
        if borders[row] - begin == end - first:
            place = 0
            while place < end - first and text[begin + place] == wanted[first + place]:
                place += 1
            if place == end - first:
                return row
        slot = (slot + np.uint64(1)) & last
    return 0


@compiled
def _found(text: Text, borders: Borders, slots: Rows, start: np.uint64, wanted: Text, wanted_borders: Borders) -> Rows:
    rows = np.zeros(len(wanted_borders) - 1, np.int32)
    for number in range(len(rows)):
        first, end = wanted_borders[number], wanted_borders[number + 1]
        rows[number] = _row(text, borders, slots, start, wanted, first, end)
    return rows
