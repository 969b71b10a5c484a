"""Records one behind the other in a file, each with its position, its length and a checksum over all of it.

A record is `MARK`, then length (uint32), position (uint64) and CRC-32 (uint32), little-endian, then its bytes. The
checksum covers length, position and bytes. Behind a damaged record the next mark is looked for, so that one flipped
bit costs one record.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Bytes: TypeAlias = bytes | memoryview

FILE_MARK = b"SHORTLIST-LOG-1\n"
"""What every file begins with; its number is that of the format."""
MARK = b"\xf5REC"
"""Its first byte stands in no UTF-8 text: nothing that a caller sends can look like a record."""
LONGEST = 8 << 20
"""Bytes of one record: twice the largest request."""
_HEAD = struct.Struct("<IQI")
_COVERED = struct.Struct("<IQ")
OVERHEAD = len(MARK) + _HEAD.size


@dataclass(frozen=True, slots=True)
class Record:
    """The bytes of one change at its position."""

    position: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a file that holds no record: from byte `start` up to, not including, byte `end`."""

    start: int
    end: int


def checksum(position: int, data: Bytes) -> int:
    """Return the CRC-32 of length, position and bytes."""
    return zlib.crc32(data, zlib.crc32(_COVERED.pack(len(data), position)))


def framed(record: Record) -> bytes:
    """Return the record as it stands in a file."""
    head = _HEAD.pack(len(record.data), record.position, checksum(record.position, record.data))
    return b"".join((MARK, head, record.data))


def read_records(data: bytes) -> Iterator[Record | Damage]:
    """Yield the records of a file in their order, and each damaged stretch between them."""
    if not data.startswith(FILE_MARK):
        yield Damage(0, _next_mark(data, 0))
    place = _next_mark(data, 0) if not data.startswith(FILE_MARK) else len(FILE_MARK)
    while place < len(data):
        record = _record_at(data, place)
        if record is not None:
            yield record
            place += OVERHEAD + len(record.data)
            continue
        end = _next_record(data, place + 1)
        yield Damage(place, end)
        place = end


def _record_at(data: bytes, place: int) -> Record | None:
    start = place + OVERHEAD
    if start > len(data) or not data.startswith(MARK, place):
        return None
    length, position, expected = _HEAD.unpack_from(data, place + len(MARK))
    if length > LONGEST or start + length > len(data):
        return None
    found = data[start : start + length]
    return Record(position, found) if checksum(position, found) == expected else None


def _next_record(data: bytes, place: int) -> int:
    """Return where the next whole record begins; the end of the file if none does."""
    place = _next_mark(data, place)
    while place < len(data) and _record_at(data, place) is None:
        place = _next_mark(data, place + 1)
    return place


def _next_mark(data: bytes, place: int) -> int:
    found = data.find(MARK, place)
    return len(data) if found < 0 else found
