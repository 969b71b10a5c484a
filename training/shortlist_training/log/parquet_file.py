"""Reading one Parquet file."""

import io
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyarrow import parquet

from shortlist_training.errors import DataError
from shortlist_training.log.headers import check_names
from shortlist_training.log.opening import COMPRESSIONS, opened

PARQUET_SUFFIXES = (".parquet", ".pq")


def read_parquet_file(path: Path) -> pl.DataFrame:
    """Read the file with the types it carries.

    Raises:
        DataError: The file is corrupt, or a column name stands twice.
    """
    source = _unpacked(path) if path.suffix.lower() in COMPRESSIONS else path
    try:
        # Polars refuses names that stand twice, but does not say which file they are in.
        check_names(path, parquet.read_schema(source).names)
        return pl.read_parquet(source)
    except (OSError, pa.ArrowException, pl.exceptions.PolarsError) as error:
        raise DataError(f"not a readable Parquet file: {error}", file=path, remedy="Write it again") from error


def _unpacked(path: Path) -> io.BytesIO:
    with opened(path) as stream:
        return io.BytesIO(stream.read())
