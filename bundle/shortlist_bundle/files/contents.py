"""What a bundle holds, before it is written and after it is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from numpy.typing import NDArray

from shortlist_bundle.documents import JSON, write_document
from shortlist_bundle.errors import BadName
from shortlist_bundle.files.arrays import encode_array
from shortlist_bundle.files.names import MANIFEST, REPORT, check_file_name

ARRAY_SUFFIX = ".npy"
DOCUMENT_SUFFIX = ".json"
WRITTEN = "written"
"""The report that the writer adds: when, and with which libraries."""

Chunks: TypeAlias = tuple[bytes | memoryview, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BundleContents:
    """The parts of a bundle by name; '/' in a name makes folders.

    Attributes:
        arrays: Numbers, each kept as `<name>.npy`.
        documents: JSON, each kept as `<name>.json`.
        blobs: Bytes of some other format, e.g. an index, kept under the name itself.
        report: JSON kept under `report/`: timings, host, dates. It does not count towards the bundle's id.
        minimal_reader: The least `manifest.READER` that understands the parts.
    """

    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    documents: Mapping[str, JSON] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    report: Mapping[str, JSON] = field(default_factory=dict)
    minimal_reader: int = 1

    def __post_init__(self) -> None:
        counted, reports = self.file_names(), [report_file(name) for name in self.report]
        for name in (*counted, *reports):
            check_file_name(name)
        _check_blobs(self.blobs)
        _check_places(counted, reports)
        if WRITTEN in self.report:
            raise BadName(f"report {WRITTEN!r}: the writer makes this one itself; choose another name")

    def file_names(self) -> list[str]:
        """Return the names of the files that count towards the bundle's id, sorted."""
        arrays = (name + ARRAY_SUFFIX for name in self.arrays)
        documents = (name + DOCUMENT_SUFFIX for name in self.documents)
        return sorted([*arrays, *documents, *self.blobs])

    def files(self) -> Iterator[tuple[str, Chunks]]:
        """Yield each file that counts towards the id, in sorted order, encoded one at a time.

        Raises:
            BundleIncompatible: A part cannot be kept in a file.
            NonFinite: An array holds NaN or infinity.
        """
        for name in self.file_names():
            if name in self.blobs:
                yield name, (self.blobs[name],)
            elif name.endswith(ARRAY_SUFFIX):
                yield name, encode_array(self.arrays[name.removesuffix(ARRAY_SUFFIX)], name)
            else:
                yield name, (write_document(self.documents[name.removesuffix(DOCUMENT_SUFFIX)], name),)


def report_file(name: str) -> str:
    """Return the file that a report is kept in."""
    return f"{REPORT}/{name}{DOCUMENT_SUFFIX}"


def under(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the arrays with `prefix/` before their names; `OpenBundle.arrays(prefix)` takes it off again."""
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def _check_blobs(blobs: Mapping[str, bytes]) -> None:
    for name in blobs:
        if name.endswith((ARRAY_SUFFIX, DOCUMENT_SUFFIX)):
            raise BadName(f"blob {name!r}: this ending belongs to arrays and documents; choose another")


def _check_places(counted: list[str], reports: list[str]) -> None:
    names = [*counted, *reports]
    folders = {name[:at] for name in names for at, letter in enumerate(name) if letter == "/"}
    taken = {MANIFEST, *folders}
    for name in names:
        if name in taken:
            raise BadName(f"part {name!r}: another file or folder of the bundle has this place; choose another name")
        taken.add(name)
    for name in counted:
        if name.startswith(f"{REPORT}/"):
            raise BadName(f"part {name!r}: this folder is kept for what does not count; put it into `report`")
