"""One array <-> the bytes of one `.npy` file: little-endian, C order, plain numbers, never pickled."""

import io
import math
from threading import Lock
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from shortlist_bundle.errors import BundleIncompatible, NonFinite

_DTYPES = frozenset(np.dtype(code).newbyteorder("<") for code in "?bBhHiIqQefd")
_MAX_HEADER = 4096
_CHUNK = 1 << 16
_ONE_HEADER = Lock()
"""NumPy parses headers as Python does, and in Python 3.11 two threads that do so at once disturb each other where the
garbage collector calls back meanwhile: https://github.com/python/cpython/issues/106905"""


def encode_array(array: NDArray[np.generic], name: str) -> tuple[bytes, memoryview]:
    """Return the header and the body of the file; the body is not copied when it can be helped.

    Raises:
        BundleIncompatible: The array holds something else than booleans, integers or floats up to 64 bits.
        NonFinite: It holds NaN or infinity.
    """
    dtype = array.dtype.newbyteorder("<")
    if dtype not in _DTYPES:
        raise BundleIncompatible(f"{name}: an array of {array.dtype} cannot be kept; convert it to plain numbers")
    plain = np.ascontiguousarray(array, dtype=dtype).reshape(array.shape)
    check_finite(plain, name)
    header = io.BytesIO()
    npy.write_array_header_1_0(header, npy.header_data_from_array_1_0(plain))
    return header.getvalue(), plain.reshape(-1).view(np.uint8).data


def decode_array(data: Any, name: str) -> NDArray[Any]:
    """Return the array as a read-only view of the file's bytes.

    Args:
        data: The whole file, as bytes or any other buffer.
        name: The file's name, for errors.

    Raises:
        BundleIncompatible: The bytes are not such an array.
        NonFinite: It holds NaN or infinity.
    """
    view = memoryview(data)
    stream = io.BytesIO(view[: _MAX_HEADER + 16])
    try:
        if npy.read_magic(stream) != (1, 0):
            raise BundleIncompatible(f"{name}: only version 1.0 of the .npy format is read")
        with _ONE_HEADER:
            shape, fortran_order, dtype = npy.read_array_header_1_0(stream, max_header_size=_MAX_HEADER)
    except ValueError as error:
        raise BundleIncompatible(f"{name}: not a .npy file: {error}") from None
    if dtype not in _DTYPES or fortran_order:
        raise BundleIncompatible(f"{name}: holds {dtype}; only plain little-endian numbers in C order are read")
    body = view[stream.tell() :]
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(body):
        raise BundleIncompatible(f"{name}: {len(body)} bytes do not make an array of shape {shape}")
    array = np.frombuffer(body, dtype=dtype).reshape(shape)
    array.flags.writeable = False
    check_finite(array, name)
    return array


def check_finite(array: NDArray[np.generic], name: str) -> None:
    """Raise NonFinite, naming the array, if a float in it is NaN or infinite."""
    if array.dtype.kind != "f":
        return
    flat = array.reshape(-1)
    # In pieces that stay in the processor's cache: a mask as long as a large table would cost a quarter of its memory.
    for start in range(0, flat.size, _CHUNK):
        if not np.isfinite(flat[start : start + _CHUNK]).all():
            raise NonFinite(f"{name}: holds NaN or infinity; train again with a lower learning rate, or check the data")
