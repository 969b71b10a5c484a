"""Damaged parts of a log are set aside as they are, and what is whole of them is kept."""

import logging
import os
import shutil
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from shortlist_bundle.changes.change import EventRecorded
from shortlist_bundle.changes.encoding import read_change
from shortlist_bundle.changes.head import HEAD, Head
from shortlist_bundle.changes.log import START, Position
from shortlist_bundle.changes.records import Record, checksum
from shortlist_bundle.changes.segments import (
    DAMAGED,
    SEGMENTS,
    first_of,
    read_segment,
    segment_name,
    segment_names,
    write_segment,
)
from shortlist_bundle.errors import DocumentError
from shortlist_bundle.files.storage import make_folder, sync_folder

log = logging.getLogger(__name__)

_EPOCH = 1 << 40
"""A new head starts at a multiple of it, behind every position that the lost one can have given."""
_NEW = "head.new.db"
_SIDE_FILES = ("", "-wal", "-shm")


def set_head_aside(folder: Path) -> None:
    """Move a damaged head away; what can be read of its changes becomes a segment, and a new head is made.

    Raises:
        OSError: The file system refused.
        sqlite3.Error: SQLite refused the new head.
    """
    saved = _saved(folder / HEAD)
    if saved:
        write_segment(folder, segment_name(saved[0].position), saved)
    make_folder(folder / DAMAGED)
    stamp = time.time_ns()
    for side in reversed(_SIDE_FILES):
        with suppress(FileNotFoundError):
            os.rename(folder / f"{HEAD}{side}", folder / DAMAGED / f"{stamp}-{HEAD}{side}")
    sync_folder(folder)
    log.error(
        "the head of the log of changes was damaged and is set aside as %s; %d changes of it could be read",
        f"{DAMAGED}/{stamp}-{HEAD}", len(saved),
    )  # fmt: skip
    make_head(folder)


def make_head(folder: Path) -> None:
    """Make a head that knows the segments of the folder and the ids of their events; it appears whole or not at all.

    Raises:
        OSError: The file system refused.
        sqlite3.Error: SQLite refused.
    """
    for side in _SIDE_FILES:
        (folder / f"{_NEW}{side}").unlink(missing_ok=True)
    spans = {name: _positions_and_ids(folder, name) for name in segment_names(folder)}
    newest = max((max(positions) for positions, _ in spans.values() if positions), default=START)
    head = Head(folder, start=(newest // _EPOCH + 1) * _EPOCH if spans else START, name=_NEW)
    try:
        with head.transaction("IMMEDIATE"):
            for name, (positions, ids) in spans.items():
                if positions:
                    span = (first_of(name), max(positions), time.time())
                    head.connection.execute("INSERT INTO segments VALUES (?, ?, ?)", span)
                head.connection.executemany("INSERT OR IGNORE INTO ids VALUES (?, ?)", ids)
        head.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        head.close()
    os.rename(folder / _NEW, folder / HEAD)
    sync_folder(folder)


def set_segment_aside(folder: Path, name: str) -> bool:
    """Keep a copy of a damaged segment under `DAMAGED`, and leave what is whole in its place.

    Returns:
        Whether there was something to set aside: another process may have done it already.

    Raises:
        OSError: The file system refused.
    """
    parts = list(read_segment(folder, name))
    whole = [part for part in parts if isinstance(part, Record)]
    if len(whole) == len(parts) or not (folder / SEGMENTS / name).is_file():
        return False
    make_folder(folder / DAMAGED)
    aside = folder / DAMAGED / f"{time.time_ns()}-{name}"
    shutil.copyfile(folder / SEGMENTS / name, aside)
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(folder / DAMAGED)
    write_segment(folder, name, whole)
    log.error(
        "segment %s of the log of changes was damaged and is set aside as %s; %d changes of it are whole and stay",
        name, f"{DAMAGED}/{aside.name}", len(whole),
    )  # fmt: skip
    return True


def _saved(path: Path) -> list[Record]:
    """Return the changes of a damaged head, in order, as far as they can be read and their checksums hold."""
    saved: list[Record] = []
    with suppress(sqlite3.Error):
        connection = sqlite3.connect(path)
        try:
            for position, expected, data in connection.execute("SELECT position, checksum, data FROM changes"):
                if isinstance(data, bytes) and checksum(position, data) == expected:
                    saved.append(Record(position, data))
        finally:
            connection.close()
    return sorted(saved, key=lambda record: record.position)


def _positions_and_ids(folder: Path, name: str) -> tuple[list[Position], list[tuple[Position, str]]]:
    positions, ids = [], []
    for part in read_segment(folder, name):
        if not isinstance(part, Record):
            continue
        positions.append(part.position)
        with suppress(DocumentError):
            change = read_change(part.data)
            if isinstance(change, EventRecorded):
                ids.append((part.position, change.event_id))
    return positions, ids
