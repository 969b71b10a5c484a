"""Text ids of the log <-> rows of a matrix."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.errors import VocabularyError, shown

UNKNOWN_ROW = 0
UNKNOWN_ID = ""
"""The empty text stands for row 0 in both directions; it is never an id of the log."""

Rows = NDArray[np.int32]


class Vocabulary:
    """Map ids to rows 1..N in sorted order of their text; row 0 is the id that nobody knows.

    The order makes two fits on the same ids equal; it says nothing about the ids and is never a feature.
    """

    __slots__ = ("_ids", "_row_of")

    def __init__(self, ids: Iterable[str]) -> None:
        """Collect the distinct ids.

        Raises:
            VocabularyError: An id is empty, or is not text that UTF-8 can hold.
        """
        self._ids: tuple[str, ...] = (UNKNOWN_ID, *sorted(set(ids)))
        self._row_of: dict[str, int] | None = None
        if UNKNOWN_ID in self._ids[1:2]:
            raise VocabularyError("an id is empty: give it a text, or leave the row out")
        _utf8(self._ids)

    def __len__(self) -> int:
        """Return N + 1: the number of rows, the unknown one included."""
        return len(self._ids)

    def __contains__(self, id: object) -> bool:
        return id != UNKNOWN_ID and id in self._lookup()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self._ids == other._ids

    def __hash__(self) -> int:
        return hash(self._ids)

    def row(self, id: str) -> int:
        """Return the id's row, 0 if it is unknown."""
        return self._lookup().get(id, UNKNOWN_ROW)

    def rows(self, ids: Sequence[str]) -> Rows:
        """Return the ids' rows as int32 [len(ids)], 0 where unknown."""
        row_of = self._lookup().get
        return np.fromiter((row_of(id, UNKNOWN_ROW) for id in ids), dtype=np.int32, count=len(ids))

    def id(self, row: int) -> str:
        """Return the id at a row in [0, N]; row 0 gives the empty text."""
        if not 0 <= row < len(self._ids):
            raise IndexError(f"row {row} is outside 0..{len(self._ids) - 1}")
        return self._ids[row]

    def ids(self, rows: Iterable[int] | NDArray[np.integer]) -> list[str]:
        """Return the ids at these rows, each in [0, N]."""
        numbers = rows.tolist() if isinstance(rows, np.ndarray) else list(rows)
        if numbers and min(numbers) < 0:
            raise IndexError(f"row {min(numbers)} is outside 0..{len(self._ids) - 1}")
        ids = self._ids
        return [ids[number] for number in numbers]

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return `bytes` (uint8, the ids 1..N in UTF-8 end to end) and `offsets` (int64 [N + 1], where each begins)."""
        encoded = _utf8(self._ids[1:])
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(id) for id in encoded], out=offsets[1:])
        return {"bytes": np.frombuffer(b"".join(encoded), dtype=np.uint8), "offsets": offsets}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Vocabulary":
        """Rebuild the vocabulary that `to_arrays` took apart.

        Raises:
            VocabularyError: The arrays are missing or misshapen, the offsets do not rise from 0 to the end, the
                bytes are not UTF-8, or the ids are not sorted and distinct.
        """
        buffer, offsets = _checked(arrays)
        starts = offsets.tolist()
        try:
            ids = [str(buffer[a:b], "utf-8") for a, b in pairwise(starts)]
        except UnicodeDecodeError as error:
            raise VocabularyError(f"vocabulary: the ids are not UTF-8 ({error.reason})") from None
        if any(a >= b for a, b in pairwise((UNKNOWN_ID, *ids))):
            raise VocabularyError("vocabulary: the ids are not sorted, distinct and free of empty ones")
        vocabulary = cls(())
        vocabulary._ids = (UNKNOWN_ID, *ids)
        return vocabulary

    def _lookup(self) -> dict[str, int]:
        # Built at first use: training reads many vocabularies that it never looks anything up in. Two threads may
        # both build it; they build the same.
        if self._row_of is None:
            self._row_of = {id: row for row, id in enumerate(self._ids)}
        return self._row_of


def _utf8(ids: Sequence[str]) -> list[bytes]:
    try:
        return [id.encode() for id in ids]
    except UnicodeEncodeError as error:
        raise VocabularyError(f"the id {shown(error.object)} has a character that UTF-8 cannot hold") from None


def _checked(arrays: Mapping[str, NDArray[np.generic]]) -> tuple[bytes, NDArray[np.int64]]:
    if set(arrays) != {"bytes", "offsets"}:
        raise VocabularyError(f"vocabulary: needs the arrays 'bytes' and 'offsets', got {sorted(arrays)}")
    buffer, offsets = arrays["bytes"], arrays["offsets"]
    if buffer.dtype != np.uint8 or buffer.ndim != 1:
        raise VocabularyError(f"vocabulary: 'bytes' must be uint8 of one dimension, is {buffer.dtype} {buffer.shape}")
    if offsets.dtype != np.int64 or offsets.ndim != 1 or not offsets.size:
        raise VocabularyError(f"vocabulary: 'offsets' must be int64 [N + 1], is {offsets.dtype} {offsets.shape}")
    positions = offsets.astype(np.int64, copy=False)
    if positions[0] != 0 or positions[-1] != buffer.size or (np.diff(positions) < 0).any():
        raise VocabularyError(f"vocabulary: the offsets do not rise from 0 to {buffer.size}")
    return buffer.tobytes(), positions
