"""Taking named files out of a zip archive, and nothing else."""

import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from shortlist_training.errors import FetchError

LARGEST = 4 * 2**30
"""Bytes that all files together may unpack to."""
_CHUNK = 2**20


def unpack(archive: Path, files: tuple[str, ...], folder: Path, *, largest: int = LARGEST) -> None:
    """Write the named files into `folder`, each under the last part of its name.

    The names come from us and never from the archive, so nothing can be written outside the folder.

    Raises:
        FetchError: Not a zip file, a file is missing from it or damaged, or there is more than `largest` bytes.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            for name in files:
                with opened.open(name) as source, (folder / PurePosixPath(name).name).open("wb") as target:
                    largest -= _copy(source, target, largest, archive)
    except KeyError as error:
        raise FetchError(f"{archive}: the archive does not hold {error.args[0]}") from error
    # RuntimeError is how the zip library says that a file is encrypted.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise FetchError(f"{archive}: cannot be unpacked: {error}") from error
    except OSError as error:
        raise FetchError(f"{archive}: cannot be read: {error.strerror}") from error


def _copy(source: IO[bytes], target: IO[bytes], largest: int, archive: Path) -> int:
    # Counted while copying: the sizes that an archive states are its own claim.
    copied = 0
    while chunk := source.read(_CHUNK):
        copied += len(chunk)
        if copied > largest:
            raise FetchError(f"{archive}: unpacks to more than is plausible; this is not the data set")
        target.write(chunk)
    return copied
