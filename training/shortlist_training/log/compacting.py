"""A server's log of changes -> Parquet in the data contract's form."""

from pathlib import Path

import polars as pl

from shortlist_bundle.changes.log import START, Position
from shortlist_bundle.columns import CUSTOMERS, INTERACTIONS, ITEMS
from shortlist_bundle.documents import Fields, read_document, write_document
from shortlist_bundle.errors import DocumentError
from shortlist_bundle.files.storage import clear_errors, replace_file
from shortlist_training.errors import DataError
from shortlist_training.log.recorded import Recorded, customers_of, interactions_of, items_of

POSITION = "position.json"
"""Beside the tables: up to which position of the log they reach, so that a bundle can name it."""
_MOST = 2**63 - 1


def write_compacted(recorded: Recorded, out: Path) -> dict[str, int]:
    """Write what was recorded as tables of the data contract; return the rows of each.

    Event and impression ids are no columns of the contract, where every further column is a feature, and stay behind.

    Raises:
        DataError: Nothing has been recorded.
        StorageError: The file system refused.
    """
    if not recorded.events:
        raise DataError("no event has been recorded yet: there is nothing to compact")
    frames = {INTERACTIONS: interactions_of(recorded), CUSTOMERS: customers_of(recorded), ITEMS: items_of(recorded)}
    with clear_errors("writing the compacted log"):
        out.mkdir(parents=True, exist_ok=True)
        for name, frame in frames.items():
            _write(out / f"{name}.parquet", frame)
        # Last: where the position stands, the tables reach it.
        replace_file(out / POSITION, write_document({"position": recorded.position}, POSITION))
    return {name: frame.height for name, frame in frames.items() if frame is not None}


def read_position(folder: Path) -> Position:
    """Return up to which position of a log of changes the tables of a folder reach; `START` if they are of none.

    Raises:
        DataError: The file that says so cannot be read.
    """
    path = folder / POSITION
    if not path.is_file():
        return START
    try:
        fields = Fields(read_document(path.read_bytes(), POSITION), POSITION)
        position = fields.integer("position", START, _MOST)
        fields.end()
    except (OSError, DocumentError) as error:
        raise DataError(f"cannot be read: {error}", file=path, remedy="Compact the log again") from error
    return position


def _write(path: Path, frame: pl.DataFrame | None) -> None:
    if frame is None:
        path.unlink(missing_ok=True)
        return
    beside = path.with_name(f".{path.name}")
    frame.write_parquet(beside)
    beside.replace(path)
