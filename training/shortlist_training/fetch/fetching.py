"""Fetching a public data set into a folder of the data contract."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from shortlist_training.errors import FetchError
from shortlist_training.fetch.complete_journey import COMPLETE_JOURNEY
from shortlist_training.fetch.data_set import Archive, DataSet, Tables
from shortlist_training.fetch.downloading import check, download
from shortlist_training.fetch.movielens import MOVIELENS
from shortlist_training.fetch.unpacking import unpack
from shortlist_training.log.writing import check_fresh, write_log
from shortlist_training.progress import Progress, Silent

DATA_SETS: Mapping[str, DataSet] = {known.name: known for known in (COMPLETE_JOURNEY, *MOVIELENS)}

NOTICE_FILE = "NOTICE.txt"


def fetch(known: DataSet, folder: Path, *, archive: Path | None = None, progress: Progress | None = None) -> None:
    """Fetch a data set and write it as a folder of the data contract, with its notice beside it.

    Args:
        known: One of `DATA_SETS`.
        folder: Where to; must be new or empty.
        archive: An archive that is already there, instead of a download; it is checked all the same.
        progress: Where a download is shown.

    Raises:
        FetchError: The data set cannot be reached, is not what was published, or comes in a package.
        OutputError: The folder holds something already, or cannot be written.
    """
    # Before the download, not after it.
    check_fresh(folder)
    tables = _read(known, archive, progress or Silent())
    write_log(folder, tables, texts={NOTICE_FILE: known.notice})


def _read(known: DataSet, archive: Path | None, progress: Progress) -> Tables:
    if isinstance(known.source, Archive):
        return _read_archive(known.source, archive, progress)
    if archive is not None:
        raise FetchError(f"{known.name} comes in an installed package; leave --from out")
    return known.source()


def _read_archive(source: Archive, given: Path | None, progress: Progress) -> Tables:
    with tempfile.TemporaryDirectory(prefix="shortlist-") as name:
        folder = Path(name)
        path = given or folder / source.url.rsplit("/", 1)[-1]
        if given is None:
            download(source, path, progress=progress)
        check(path, source.checksum)
        unpack(path, source.files, folder)
        return source.read(folder)
