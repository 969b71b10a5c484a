"""A table as its files say it, which still knows the file and row of each of its rows."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shortlist_training.errors import DataError
from shortlist_training.log.csv_file import read_csv_file
from shortlist_training.log.headers import check_required
from shortlist_training.log.location import TableFiles
from shortlist_training.log.parquet_file import PARQUET_SUFFIXES, read_parquet_file


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a table, and how many rows it brought."""

    path: Path
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """Values untouched: CSV as text, Parquet as typed there. Rows in the order of the files."""

    name: str
    frame: pl.DataFrame
    parts: tuple[Part, ...]
    is_text: bool
    """Whether the files are CSV, whose cells carry no type."""

    def place(self, index: int) -> tuple[Path, int]:
        """Return the file and its 1-based data row for a 0-based row of the whole table."""
        for part in self.parts:
            if index < part.rows:
                return part.path, index + 1
            index -= part.rows
        raise IndexError(index)

    def error(self, problem: str, *, column: str, index: int | None = None, remedy: str | None = None) -> DataError:
        """Return the error that points at a column, and at the row where one is to blame."""
        file, row = (self.parts[0].path, None) if index is None else self.place(index)
        return DataError(problem, file=file, column=column, row=row, remedy=remedy)


def read_raw(files: TableFiles, required: tuple[str, ...]) -> tuple[RawTable, list[str]]:
    """Read every part and put them together; a column that some parts lack is null there, and a note says so.

    Raises:
        DataError: A file cannot be read, lacks a required column, or the table has no row.
    """
    frames = [_read_file(path) for path in files.paths]
    for path, frame in zip(files.paths, frames, strict=True):
        check_required(path, frame.columns, required)
    parts = tuple(Part(path, frame.height) for path, frame in zip(files.paths, frames, strict=True))
    if not any(frame.height for frame in frames):
        raise DataError(f"the table '{files.name}' has no rows", file=files.paths[0])
    is_text = not _is_parquet(files.paths[0])
    table = RawTable(name=files.name, frame=_together(files, frames), parts=parts, is_text=is_text)
    return table, _uneven(files, frames)


def _read_file(path: Path) -> pl.DataFrame:
    return read_parquet_file(path) if _is_parquet(path) else read_csv_file(path)


def _is_parquet(path: Path) -> bool:
    return bool({suffix.lower() for suffix in path.suffixes} & set(PARQUET_SUFFIXES))


def _together(files: TableFiles, frames: list[pl.DataFrame]) -> pl.DataFrame:
    try:
        return pl.concat(frames, how="diagonal_relaxed", rechunk=False)
    except pl.exceptions.PolarsError as error:
        for path, frame in zip(files.paths, frames, strict=True):
            for column, dtype in frame.schema.items():
                first = frames[0].schema.get(column, dtype)
                if dtype != first and not dtype.is_numeric():
                    problem = f"the column is {dtype} here and {first} in {files.paths[0].name}"
                    raise DataError(problem, file=path, column=column, remedy="Write the parts alike") from error
        raise DataError(f"the parts do not fit together: {error}", file=files.paths[0]) from error


def _uneven(files: TableFiles, frames: list[pl.DataFrame]) -> list[str]:
    every = dict.fromkeys(column for frame in frames for column in frame.columns)
    lacking = {column: sum(column not in frame.columns for frame in frames) for column in every}
    return [
        f"{files.name}.{column}: missing from {count} of {len(frames)} parts, and empty there"
        for column, count in lacking.items()
        if count
    ]
