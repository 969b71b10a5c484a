"""The MovieLens data sets of GroupLens, and where they are."""

from collections.abc import Callable
from pathlib import Path

from shortlist_training.fetch.data_set import Archive, Checksum, DataSet, Tables
from shortlist_training.fetch.movielens_100k import read_u_files
from shortlist_training.fetch.movielens_csv import read_csv_files
from shortlist_training.fetch.movielens_dat import read_dat_files

NOTICE = """\
MovieLens data, by GroupLens Research at the University of Minnesota. https://grouplens.org/datasets/movielens/
For research. Not to be redistributed, and not to be used for commercial purposes, without permission from GroupLens;
the README in the archive has the terms. To be cited as: F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens
Datasets: History and Context. ACM Transactions on Interactive Intelligent Systems 5, 4. https://doi.org/10.1145/2827872
"""

_U_FILES = ("u.data", "u.item", "u.user", "u.genre")
_CSV_FILES = ("ratings.csv", "movies.csv")


def _movielens(
    size: str, inner: str, files: tuple[str, ...], checksum: Checksum, read: Callable[[Path], Tables]
) -> DataSet:
    archive = Archive(
        url=f"https://files.grouplens.org/datasets/movielens/ml-{size}.zip",
        checksum=checksum,
        files=tuple(f"{inner}/{name}" for name in files),
        read=read,
    )
    return DataSet(name=f"movielens-{size}", notice=NOTICE, source=archive)


def _sha256(digest: str) -> Checksum:
    return Checksum("sha256", digest)


def _md5(digest: str) -> Checksum:
    # GroupLens publishes no better one, and for these two nobody else does.
    return Checksum("md5", digest)


def _read_dat_10m(folder: Path) -> Tables:
    return read_dat_files(folder, encoding="utf-8")


MOVIELENS = (
    _movielens(
        "100k",
        "ml-100k",
        _U_FILES,
        _sha256("50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229"),
        read_u_files,
    ),
    _movielens(
        "1m",
        "ml-1m",
        ("ratings.dat", "movies.dat", "users.dat"),
        _sha256("a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20"),
        read_dat_files,
    ),
    _movielens(
        "10m",
        "ml-10M100K",
        ("ratings.dat", "movies.dat"),
        _md5("ce571fd55effeba0271552578f2648bd"),
        _read_dat_10m,
    ),
    _movielens(
        "20m",
        "ml-20m",
        _CSV_FILES,
        _sha256("96f243c338a8665f6bcc89c53edf6ee39162a846940de6b7c8c48aeada765ff3"),
        read_csv_files,
    ),
    _movielens(
        "25m",
        "ml-25m",
        _CSV_FILES,
        _sha256("8b21cfb7eb1706b4ec0aac894368d90acf26ebdfb6aced3ebd4ad5bd1eb9c6aa"),
        read_csv_files,
    ),
    _movielens("32m", "ml-32m", _CSV_FILES, _md5("d472be332d4daa821edc399621853b57"), read_csv_files),
    _movielens(
        "latest-small",
        "ml-latest-small",
        _CSV_FILES,
        _sha256("696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436"),
        read_csv_files,
    ),
)
