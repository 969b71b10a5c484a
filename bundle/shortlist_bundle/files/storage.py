"""The file system: writes that are on the disk when they return, reads that follow no link, one lock a model."""

import errno
import fcntl
import mmap
import os
import shutil
import stat
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from shortlist_bundle.errors import BundleDamaged, Conflict, StorageError, StorageFull

LOCK = ".lock"
LOCK_SECONDS = 10.0
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def clear_errors(doing: str, outcome: str = "") -> Iterator[None]:
    """Turn an OSError into a StorageError that says what was being done, and how things stand now."""
    try:
        yield
    except OSError as error:
        place = f" {error.filename!r}" if error.filename else ""
        kind = StorageFull if error.errno in _FULL else StorageError
        raise kind(f"{doing}:{place} {error.strerror or error}{outcome and f'; {outcome}'}") from error


def write_file(path: Path, chunks: Iterable[bytes | memoryview]) -> None:
    """Write a new file and wait until it is on the disk."""
    with path.open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def replace_file(path: Path, data: bytes) -> None:
    """Put a small file in the place of another in one step: a reader sees the old or the new, never half of one."""
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        write_file(beside, (data,))
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, as durable as the files that will stand in it."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def remove_folder(path: Path) -> None:
    """Remove a folder that nobody reads; what cannot be removed stays for the next writer to try."""
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a model's folder; it ends with its process, so that no dead one can keep it.

    Raises:
        Conflict: Somebody else has held it for ten seconds.
    """
    with (folder / LOCK).open("ab") as file:
        until = time.monotonic() + LOCK_SECONDS
        while not _lock(file):
            if time.monotonic() > until:
                raise Conflict(f"model {folder.name!r}: another publish or promotion is going on; try again later")
            time.sleep(0.02)
        yield


def _lock(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_file(path: Path, name: str, *, limit: int, size: int | None = None) -> bytes:
    """Return the bytes of a regular file, following no link.

    Args:
        path: Where it is.
        name: What errors call it.
        limit: At most so many bytes; a larger file is not read at all.
        size: If given, exactly so many bytes.

    Raises:
        BundleDamaged: It is absent, a link, no file, or of another size.
    """
    with _opened(path, name) as file:
        _check_size(file, name, limit, size)
        data = file.read(limit + 1)
    if len(data) > limit or (size is not None and len(data) != size):
        raise BundleDamaged(f"{name}: the file changed while it was read")
    return data


def map_file(path: Path, name: str, size: int) -> memoryview:
    """Return a file as memory that all processes on the machine share; the same checks as `read_file`."""
    with _opened(path, name) as file:
        _check_size(file, name, size, size)
        # It is all hashed at once: the pages are asked for together and not one by one.
        flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
        return memoryview(mmap.mmap(file.fileno(), size, flags=flags, prot=mmap.PROT_READ) if size else b"")


@contextmanager
def _opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    try:
        # Without O_NONBLOCK a named pipe would make us wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        linked = error.errno == errno.ELOOP
        raise BundleDamaged(f"{name}: {'is a link' if linked else error.strerror}") from None
    with os.fdopen(descriptor, "rb") as file:
        yield file


def _check_size(file: IO[bytes], name: str, limit: int, size: int | None) -> None:
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode):
        raise BundleDamaged(f"{name}: is not a regular file")
    if found.st_size > limit:
        raise BundleDamaged(f"{name}: has {found.st_size} bytes, more than the {limit} it may have")
    if size is not None and found.st_size != size:
        raise BundleDamaged(f"{name}: has {found.st_size} bytes, the manifest says {size}")
