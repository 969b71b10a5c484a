"""Packed fields of numbers, written straight from an array.

A protobuf message is the concatenation of its fields in any order, so that a field written here can be appended to
whatever the protobuf library wrote. For 1,000 vectors of 64 numbers that spares 64,000 Python floats.
"""

import numpy as np
from numpy.typing import NDArray

_LENGTH_DELIMITED = 2


def packed_floats(field: int, values: NDArray[np.float32]) -> bytes:
    """Return a `repeated float` field with the values in row-major order (protobuf.dev/programming-guides/encoding)."""
    if not values.size:
        return b""
    body = np.ascontiguousarray(values, dtype="<f4").tobytes()
    return _varint(field << 3 | _LENGTH_DELIMITED) + _varint(len(body)) + body


def _varint(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)
