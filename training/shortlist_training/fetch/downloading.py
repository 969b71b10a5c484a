"""Getting an archive from the web, and being sure that it is the right one."""

import hashlib
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

from shortlist_training.errors import FetchError
from shortlist_training.fetch.data_set import Archive, Checksum
from shortlist_training.progress import Progress

TIMEOUT = 30.0
"""Seconds without a byte."""
LARGEST = 2 * 2**30
"""Bytes: no archive of the list is half as large."""
_CHUNK = 2**20


def download(archive: Archive, path: Path, *, progress: Progress, largest: int = LARGEST) -> None:
    """Download the archive to `path`.

    Raises:
        FetchError: The address cannot be reached, or sends too much; the message names it and `--from`.
    """
    # The addresses are constants of this package; still, nothing but the web may be read through them.
    if not archive.url.startswith("https://"):
        raise FetchError(f"{archive.url}: only https addresses are fetched")
    try:
        request = Request(archive.url, headers={"User-Agent": "shortlist"})  # noqa: S310
        with urlopen(request, timeout=TIMEOUT) as reply, path.open("wb") as file:  # noqa: S310
            total = int(reply.headers.get("Content-Length") or 0)
            with progress.stage(f"download {archive.url.rsplit('/', 1)[-1]}", total) as bar:
                received = 0
                while chunk := reply.read(_CHUNK):
                    received += len(chunk)
                    if received > largest:
                        raise FetchError(f"{archive.url}: sends more than {largest:,} bytes; this is not the data set")
                    file.write(chunk)
                    bar.advance(len(chunk))
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise FetchError(
            f"{archive.url}: cannot be reached ({reason}). "
            f"Download it by another way, and name the file with --from {path.name}"
        ) from error


def check(path: Path, checksum: Checksum) -> None:
    """Refuse a file that is not, byte for byte, the published one.

    Raises:
        FetchError: The file is missing, or hashes to something else.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, checksum.algorithm).hexdigest()
    except OSError as error:
        raise FetchError(f"{path}: cannot be read: {error.strerror}") from error
    if found != checksum.digest:
        raise FetchError(
            f"{path}: this is not the published archive: its {checksum.algorithm} is {found}, not {checksum.digest}. "
            "It may be cut short or changed: download it again"
        )
