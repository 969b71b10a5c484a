from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

WriteTable = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteTable:
    """Write tables into one folder; text is written as it is, frames by the ending of the name."""

    def write_table(name: str, content: str | bytes | pl.DataFrame) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif path.suffix == ".csv":
            content.write_csv(path)
        else:
            content.write_parquet(path)
        return tmp_path

    return write_table
