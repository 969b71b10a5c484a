"""Where the tables of a log are: a folder, or three explicit paths; each table a file or several parts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from shortlist_bundle.columns import CUSTOMERS, INTERACTIONS, ITEMS, TABLES
from shortlist_training.errors import DataError
from shortlist_training.log.csv_file import CSV_SUFFIXES
from shortlist_training.log.opening import COMPRESSIONS
from shortlist_training.log.parquet_file import PARQUET_SUFFIXES
from shortlist_training.suggestion import nearest

_NAME = re.compile(
    rf"(?P<stem>.+?)(?P<format>{'|'.join(map(re.escape, CSV_SUFFIXES + PARQUET_SUFFIXES))})"
    rf"(?:{'|'.join(map(re.escape, COMPRESSIONS))})?",
    re.IGNORECASE,
)
_PART = re.compile(r"[-_.]?(part[-_.]?)?\d+([-_.]of[-_.]\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPaths:
    """Explicit paths to the tables: each a file, or a folder of part files."""

    interactions: Path
    customers: Path | None = None
    items: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A log of changes that a server keeps, over the base log that came before it; without one it stands alone."""

    changes: Path
    base: Path | None = None


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The files that make up one table, in reading order, all of one format."""

    name: str
    paths: tuple[Path, ...]


def locate(source: str | Path | LogPaths) -> dict[str, TableFiles]:
    """Find the files of each table; optional tables that are not there are left out.

    Raises:
        DataError: The folder or `interactions` is missing, or a table is there twice.
    """
    if isinstance(source, LogPaths):
        given = {INTERACTIONS: source.interactions, CUSTOMERS: source.customers, ITEMS: source.items}
        return {name: _files_at(name, Path(path)) for name, path in given.items() if path is not None}
    folder = Path(source)
    if not folder.is_dir():
        problem = "this is a file, not a folder" if folder.exists() else "there is no such folder"
        remedy = f"Give the folder that holds {INTERACTIONS}.parquet or {INTERACTIONS}.csv"
        raise DataError(problem, file=folder, remedy=remedy)
    found = {name: _find(name, folder) for name in TABLES}
    if found[INTERACTIONS] is None:
        raise _no_interactions(folder)
    return {name: files for name, files in found.items() if files is not None}


def _find(table: str, folder: Path) -> TableFiles | None:
    """Look for `table.csv`, `table-0001.csv`... and `table/` in the folder; more than one of these is ambiguous."""
    whole, parts = [], []
    for path in sorted(folder.iterdir()):
        # Spark names its folders of parts like files: interactions.parquet/.
        match = _NAME.fullmatch(path.name)
        stem = match["stem"] if match else path.name if path.is_dir() else ""
        if stem == table:
            whole.append(path)
        elif path.is_file() and stem.startswith(table) and _PART.fullmatch(stem.removeprefix(table)):
            parts.append(path)
    if len(whole) + bool(parts) > 1:
        names = ", ".join(path.name for path in [*whole, *parts[:1]])
        raise DataError(f"the table '{table}' is there more than once: {names}", file=folder, remedy="Keep one of them")
    if whole:
        return _files_at(table, whole[0])
    return _same_format(table, parts) if parts else None


def _files_at(table: str, path: Path) -> TableFiles:
    if path.is_dir():
        return _same_format(table, _parts_in(table, path))
    if not path.exists():
        raise DataError("there is no such file", file=path)
    return _same_format(table, [path])


def _parts_in(table: str, folder: Path) -> list[Path]:
    # Writers leave markers such as _SUCCESS and .part.crc beside the parts.
    parts = [path for path in folder.iterdir() if not path.name.startswith(("_", "."))]
    for path in parts:
        if path.is_dir():
            raise DataError(
                "folders inside a table's folder are not read", file=path, remedy="Put the parts side by side"
            )
    if not parts:
        raise DataError(f"the folder of the table '{table}' holds no file", file=folder)
    return parts


def _same_format(table: str, paths: Iterable[Path]) -> TableFiles:
    ordered = sorted(paths, key=_natural)
    formats: dict[bool, Path] = {}
    for path in ordered:
        match = _NAME.fullmatch(path.name)
        if match is None:
            remedy = "Write the table as .parquet or .csv (compressed, if you like: .csv.gz, .csv.zst)"
            raise DataError("this is neither Parquet nor CSV by its name", file=path, remedy=remedy)
        formats.setdefault(match["format"].lower() in PARQUET_SUFFIXES, path)
    if len(formats) > 1:
        names = " and ".join(path.name for path in formats.values())
        raise DataError(f"the table '{table}' is in mixed formats: {names}", file=ordered[0].parent, remedy="Use one")
    return TableFiles(table, tuple(ordered))


def _natural(path: Path) -> list[tuple[int, str]]:
    """Order part-2 before part-10."""
    return [(int(text) if text.isdigit() else -1, text) for text in re.split(r"(\d+)", path.name)]


def _no_interactions(folder: Path) -> DataError:
    names = sorted(path.name for path in folder.iterdir())
    guess = nearest(INTERACTIONS, names)
    there = f"it holds {', '.join(names[:10])}" if names else "it is empty"
    remedy = (
        f"Rename '{guess}' if that is the log" if guess else f"Put {INTERACTIONS}.parquet or {INTERACTIONS}.csv there"
    )
    return DataError(f"there is no table '{INTERACTIONS}' in this folder ({there})", file=folder, remedy=remedy)
