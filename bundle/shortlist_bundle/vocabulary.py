"""Text ids of the log <-> rows of a matrix."""

import codecs
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.errors import VocabularyError, shown
from shortlist_bundle.id_table import Borders, IdTable, Text, table_of

UNKNOWN_ROW = 0
UNKNOWN_ID = ""
"""The empty text stands for row 0 in both directions; it is never an id of the log."""

Rows = NDArray[np.int32]
_CHUNK = 1 << 20


class Vocabulary:
    """Map ids to rows 1..N in sorted order of their text; row 0 is the id that nobody knows.

    The order makes two fits on the same ids equal; it says nothing about the ids and is never a feature. Ids are kept
    as bytes end to end and not as texts, so that the processes of a machine share them: see `id_table`.
    """

    __slots__ = ("_borders", "_table", "_text")

    def __init__(self, ids: Iterable[str]) -> None:
        """Collect the distinct ids.

        Raises:
            VocabularyError: An id is empty, or is not text that UTF-8 can hold.
        """
        ordered = sorted(set(ids))
        if UNKNOWN_ID in ordered[:1]:
            raise VocabularyError("an id is empty: give it a text, or leave the row out")
        self._text, self._borders = _joined(_utf8(ordered))
        self._table: IdTable | None = None

    def __len__(self) -> int:
        """Return N + 1: the number of rows, the unknown one included."""
        return len(self._borders)

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and self.row(id) != UNKNOWN_ROW

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Vocabulary)
            and np.array_equal(self._borders, other._borders)
            and np.array_equal(self._text, other._text)
        )

    def __hash__(self) -> int:
        return hash((len(self), self._text.tobytes()))

    def row(self, id: str) -> int:
        """Return the id's row, 0 if it is unknown."""
        wanted = np.frombuffer(_encoded(id), np.uint8)
        return int(self.table.row(self._text, self._borders, wanted))

    def rows(self, ids: Sequence[str]) -> Rows:
        """Return the ids' rows as int32 [len(ids)], 0 where unknown."""
        wanted, borders = _joined([_encoded(id) for id in ids])
        return self.table.rows(self._text, self._borders, wanted, borders)

    def id(self, row: int) -> str:
        """Return the id at a row in [0, N]; row 0 gives the empty text."""
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} is outside 0..{len(self) - 1}")
        if row == UNKNOWN_ROW:
            return UNKNOWN_ID
        return str(self._text[self._borders[row - 1] : self._borders[row]].data, "utf-8")

    def ids(self, rows: Iterable[int] | NDArray[np.integer]) -> list[str]:
        """Return the ids at these rows, each in [0, N]."""
        numbers = np.asarray(rows if isinstance(rows, np.ndarray) else list(rows), np.int64)
        for row in (numbers.min(initial=0), numbers.max(initial=0)):
            if not 0 <= row < len(self):
                raise IndexError(f"row {row} is outside 0..{len(self) - 1}")
        text, borders = _gathered(self._text, self._borders, numbers)
        data, places = text.tobytes(), borders.tolist()
        if data.isascii():
            # A letter is a byte: one text is made of all, and cut up.
            whole = data.decode("ascii")
            return [whole[a:b] for a, b in pairwise(places)]
        return [data[a:b].decode() for a, b in pairwise(places)]

    @property
    def table(self) -> IdTable:
        """Where each id is found."""
        # Made at first use: training reads many vocabularies that it never looks anything up in. Two threads may both
        # make it; they make the same.
        if self._table is None:
            self._table = table_of(self._text, self._borders)
        return self._table

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return `bytes` (uint8, the ids 1..N in UTF-8 end to end) and `offsets` (int64 [N + 1], where each begins)."""
        return {"bytes": self._text, "offsets": self._borders}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], table: IdTable | None = None) -> "Vocabulary":
        """Rebuild the vocabulary that `to_arrays` took apart, over the same memory.

        Args:
            arrays: what `to_arrays` returned.
            table: where each id is found, if that is known; else it is worked out when it is first asked for.

        Raises:
            VocabularyError: The arrays are missing or misshapen, the offsets do not rise from 0 to the end, the
                bytes are not UTF-8, the ids are not sorted and distinct, or the table is not theirs.
        """
        text, borders = _checked(arrays)
        vocabulary = cls(())
        vocabulary._text, vocabulary._borders = text, borders
        if table is not None:
            table.check(text, borders)
            vocabulary._table = table
        return vocabulary


def _utf8(ids: Sequence[str]) -> list[bytes]:
    try:
        return [id.encode() for id in ids]
    except UnicodeEncodeError as error:
        raise VocabularyError(f"the id {shown(error.object)} has a character that UTF-8 cannot hold") from None


def _encoded(id: str) -> bytes:
    # A text that UTF-8 cannot hold is nobody's id, and becomes bytes that are nobody's either.
    return id.encode("utf-8", "surrogatepass")


def _joined(ids: Sequence[bytes]) -> tuple[Text, Borders]:
    """Return the ids end to end, and where each begins."""
    borders = np.zeros(len(ids) + 1, np.int64)
    np.cumsum([len(id) for id in ids], out=borders[1:])
    # Like those that a bundle's file is read into: the loops are then compiled for one kind of array only.
    borders.flags.writeable = False
    return np.frombuffer(b"".join(ids), np.uint8), borders


def _checked(arrays: Mapping[str, NDArray[np.generic]]) -> tuple[Text, Borders]:
    if set(arrays) != {"bytes", "offsets"}:
        raise VocabularyError(f"vocabulary: needs the arrays 'bytes' and 'offsets', got {sorted(arrays)}")
    buffer, offsets = arrays["bytes"], arrays["offsets"]
    if buffer.dtype != np.uint8 or buffer.ndim != 1:
        raise VocabularyError(f"vocabulary: 'bytes' must be uint8 of one dimension, is {buffer.dtype} {buffer.shape}")
    if offsets.dtype != np.int64 or offsets.ndim != 1 or not offsets.size:
        raise VocabularyError(f"vocabulary: 'offsets' must be int64 [N + 1], is {offsets.dtype} {offsets.shape}")
    text: Text = _read_only(buffer)
    borders: Borders = _read_only(offsets)
    if borders[0] != 0 or borders[-1] != text.size or (np.diff(borders) < 0).any():
        raise VocabularyError(f"vocabulary: the offsets do not rise from 0 to {text.size}")
    _check_utf8(text)
    if not _rising(text, borders):
        raise VocabularyError("vocabulary: the ids are not whole texts, sorted, distinct and free of empty ones")
    return text, borders


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def _check_utf8(text: Text) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(text), _CHUNK):
            decoder.decode(text[start : start + _CHUNK].tobytes())
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise VocabularyError(f"vocabulary: the ids are not UTF-8 ({error.reason})") from None


@compiled
def _rising(text: Text, borders: Borders) -> bool:
    """Say whether each id is larger than the one before, byte by byte, and none begins within a letter.

    The order of UTF-8 by bytes is that of its letters (https://www.rfc-editor.org/rfc/rfc3629).
    """
    before, end = 0, 0
    for number in range(len(borders) - 1):
        first, last = borders[number], borders[number + 1]
        if first == last or text[first] & 0xC0 == 0x80:
            return False
        shorter, place = min(end - before, last - first), 0
        while place < shorter and text[before + place] == text[first + place]:
            place += 1
        larger = last - first > end - before if place == shorter else text[first + place] > text[before + place]
        if not larger:
            return False
        before, end = first, last
    return True


@compiled
def _gathered(text: Text, borders: Borders, rows: NDArray[np.int64]) -> tuple[Text, Borders]:
    """Return the ids of some rows end to end, and where each begins."""
    begins = np.zeros(len(rows) + 1, np.int64)
    for number in range(len(rows)):
        row = rows[number]
        begins[number + 1] = begins[number] + (borders[row] - borders[row - 1] if row else 0)
    found = np.empty(begins[-1], np.uint8)
    for number in range(len(rows)):
        if rows[number]:
            source = borders[rows[number] - 1]
            for place in range(begins[number + 1] - begins[number]):
                found[begins[number] + place] = text[source + place]
    return found, begins
