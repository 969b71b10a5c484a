"""Opening a file that may be compressed."""

import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from shortlist_training.errors import DataError

COMPRESSIONS = (".gz", ".zst", ".bz2", ".lz4", ".xz")


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open the file for reading, unpacking it by the ending of its name.

    Raises:
        DataError: The file cannot be opened, or is not what its name says.
    """
    try:
        with _stream(path) as stream:
            yield stream
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise DataError(f"the file cannot be read: {reason}", file=path, remedy="Write it again") from error


def _stream(path: Path) -> BinaryIO:
    if path.suffix.lower() == ".xz":
        return cast(BinaryIO, lzma.open(path))
    # "detect" goes by the name; a name in capitals must not pass for uncompressed.
    compression = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2", ".lz4": "lz4"}.get(path.suffix.lower())
    return cast(BinaryIO, pa.input_stream(str(path), compression=compression))
