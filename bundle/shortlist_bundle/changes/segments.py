"""Sealed segments: files of records that are written once and never changed, named by their first position."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from shortlist_bundle.changes.log import Position
from shortlist_bundle.changes.records import FILE_MARK, Damage, Record, framed, read_records
from shortlist_bundle.errors import BundleDamaged
from shortlist_bundle.files.storage import make_folder, read_file, replace_file

SEGMENTS = "segments"
DAMAGED = "damaged"
"""Where segments are set aside."""
_SUFFIX = ".changes"
_LARGEST = 1 << 30


@dataclass(frozen=True, slots=True)
class Segment:
    """A sealed segment; all its positions lie from `first` to `last`."""

    first: Position
    last: Position

    @property
    def name(self) -> str:
        """Name of its file."""
        return segment_name(self.first)


def segment_name(first: Position) -> str:
    """Return the name of the file whose first position is given; names sort as positions do."""
    return f"{first:020d}{_SUFFIX}"


def first_of(name: str) -> Position:
    """Return the first position that the name of a segment's file says; the change there may be gone by now."""
    return int(name.removesuffix(_SUFFIX))


def segment_names(folder: Path) -> list[str]:
    """Return the names of the segments in a log's folder, oldest first."""
    return sorted(path.name for path in (folder / SEGMENTS).glob(f"*{_SUFFIX}"))


def write_segment(folder: Path, name: str, records: Iterable[Record]) -> None:
    """Write a segment into a log's folder, whole or not at all; it is on the disk when this returns.

    Raises:
        OSError: The file system refused.
    """
    make_folder(folder / SEGMENTS)
    replace_file(folder / SEGMENTS / name, b"".join((FILE_MARK, *map(framed, records))))


def read_segment(folder: Path, name: str) -> Iterator[Record | Damage]:
    """Yield the records of a segment, and what is damaged of it; a file that cannot be read is damaged as a whole."""
    try:
        data = read_file(folder / SEGMENTS / name, name, limit=_LARGEST)
    except BundleDamaged:
        yield Damage(0, 0)
        return
    yield from read_records(data)
