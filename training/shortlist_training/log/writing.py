"""Writing a log as a folder of the data contract: all of it, or nothing."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from shortlist_training.errors import OutputError


def write_log(folder: Path, tables: Mapping[str, pl.DataFrame], *, texts: Mapping[str, str]) -> None:
    """Write each table as Parquet under its name, which may hold a subfolder ("new/truth"), and texts by file name.

    The folder appears whole: it is made under another name first, so that nobody reads half a log.

    Raises:
        OutputError: The folder holds something already, or cannot be made.
    """
    check_fresh(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as made:
            _write(Path(made) / "log", tables, texts)
            if folder.exists():
                folder.rmdir()
            shutil.move(Path(made) / "log", folder)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}") from error


def check_fresh(folder: Path) -> None:
    """Refuse a folder that holds something: what is there may be somebody's data.

    Raises:
        OutputError: Naming the folder.
    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise OutputError(f"{folder}: there is something here already. Name a new folder, or remove this one")


def _write(folder: Path, tables: Mapping[str, pl.DataFrame], texts: Mapping[str, str]) -> None:
    folder.mkdir()
    for name, frame in tables.items():
        path = folder / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        frame.write_parquet(path)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
