"""A version on disk -> checked contents: every byte that is used has been hashed."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from numpy.typing import NDArray

from shortlist_bundle.documents import JSON, read_document
from shortlist_bundle.errors import BundleDamaged, BundleIncompatible
from shortlist_bundle.files.arrays import decode_array
from shortlist_bundle.files.contents import ARRAY_SUFFIX, DOCUMENT_SUFFIX
from shortlist_bundle.files.manifest import MAX_MANIFEST_BYTES, FileEntry, Manifest, read_manifest
from shortlist_bundle.files.names import MANIFEST, REPORT, is_file_name
from shortlist_bundle.files.storage import clear_errors, map_file, read_file
from shortlist_bundle.files.versions import BundleRef, resolve

_Part = TypeVar("_Part")
MOST_HASHED = 4
"""Files that are hashed at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenBundle:
    """A verified bundle in memory; its arrays are read-only views of the bytes that were hashed."""

    ref: BundleRef
    manifest: Manifest
    array_parts: Mapping[str, NDArray[Any]] = field(repr=False)
    document_parts: Mapping[str, JSON] = field(repr=False)
    blob_parts: Mapping[str, bytes | memoryview] = field(repr=False)
    report_parts: Mapping[str, JSON] = field(repr=False)

    def names(self) -> tuple[str, ...]:
        """Return the names of all files that count towards the id, endings included, sorted."""
        return tuple(file.name for file in self.manifest.files if file.hashed)

    def array(self, name: str) -> NDArray[Any]:
        """Return the array of this name, or raise BundleIncompatible."""
        return self._part(self.array_parts, name, "array")

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Return the arrays whose names begin with `prefix/`, by the rest of their names; possibly none."""
        start = f"{prefix}/"
        return {name[len(start) :]: array for name, array in self.array_parts.items() if name.startswith(start)}

    def document(self, name: str) -> JSON:
        """Return the document of this name, or raise BundleIncompatible."""
        return self._part(self.document_parts, name, "document")

    def blob(self, name: str) -> bytes | memoryview:
        """Return the blob of this name, or raise BundleIncompatible."""
        return self._part(self.blob_parts, name, "blob")

    def report(self, name: str) -> JSON:
        """Return the report of this name, or raise BundleIncompatible."""
        return self._part(self.report_parts, name, "report")

    def _part(self, parts: Mapping[str, _Part], name: str, kind: str) -> _Part:
        if name not in parts:
            raise BundleIncompatible(
                f"bundle {self.ref.bundle_id} has no {kind} {name!r}; it was written by another release: train again",
                subject=name,
            )
        return parts[name]


def open_bundle(
    root: Path | str,
    model: str = "default",
    version: str = "stable",
    *,
    mmap: bool = False,
    hashing: int = MOST_HASHED,
) -> OpenBundle:
    """Read a version, or the one that an alias points to, and verify all of it.

    Args:
        root: The folder of all models.
        model: Whose bundle.
        version: A version or an alias.
        mmap: Map arrays and blobs instead of reading them, so that several processes share the memory. The checksums
            then hold only as long as nobody writes into the files; the writer never does, and a version that is
            removed stays as it was for those who have mapped it.
        hashing: Files that are hashed at the same time, at most; 1 beside requests, which want the other cores.

    Raises:
        BadName: The model or the version has a name that cannot be one.
        BundleNotFound: There is no such model, version or alias.
        BundleDamaged: A file is missing, extra, a link, or not the one that was written; it is named.
        BundleIncompatible: This release cannot serve the bundle; the field or part is named.
        NonFinite: An array holds NaN or infinity.
    """
    name = resolve(root, model, version)
    folder = Path(root) / model / name
    with clear_errors(f"reading version {name!r} of model {model!r}"):
        manifest = read_manifest(read_file(folder / MANIFEST, MANIFEST, limit=MAX_MANIFEST_BYTES))
        manifest.check_compatible()
        _check_listing(folder, manifest)
        return _read_parts(BundleRef(model, name, manifest.bundle_id, folder), manifest, mmap, hashing)


def _read_parts(ref: BundleRef, manifest: Manifest, mapped: bool, hashing: int) -> OpenBundle:
    arrays: dict[str, NDArray[Any]] = {}
    documents: dict[str, JSON] = {}
    blobs: dict[str, bytes | memoryview] = {}
    reports: dict[str, JSON] = {}
    for entry, part in _parts(ref.path, manifest, mapped, hashing):
        name, stem = entry.name, entry.name.rsplit(".", 1)[0]
        if name.endswith(ARRAY_SUFFIX):
            arrays[stem] = part
        elif not name.endswith(DOCUMENT_SUFFIX):
            blobs[name] = part
        elif entry.hashed:
            documents[stem] = part
        else:
            reports[stem.removeprefix(f"{REPORT}/")] = part
    return OpenBundle(
        ref=ref,
        manifest=manifest,
        array_parts=arrays,
        document_parts=documents,
        blob_parts=blobs,
        report_parts=reports,
    )


def _parts(folder: Path, manifest: Manifest, mapped: bool, hashing: int) -> Iterator[tuple[FileEntry, Any]]:
    """Yield every file with what it holds, in the order of the manifest; several are hashed at the same time."""
    with ThreadPoolExecutor(min(os.cpu_count() or 1, hashing)) as pool:
        try:
            parts = pool.map(lambda entry: _part(folder, entry, mapped), manifest.files)
            yield from zip(manifest.files, parts, strict=True)
        finally:
            pool.shutdown(cancel_futures=True)


def _part(folder: Path, entry: FileEntry, mapped: bool) -> Any:
    name = entry.name
    if name.endswith(ARRAY_SUFFIX):
        return decode_array(_verified(folder, entry, mapped), name)
    if name.endswith(DOCUMENT_SUFFIX):
        return read_document(_verified(folder, entry), name)
    return _verified(folder, entry, mapped)


def _verified(folder: Path, entry: FileEntry, mapped: bool = False) -> Any:
    """Return the file's bytes, which are hashed here and never read again."""
    path = folder / entry.name
    if mapped:
        data: Any = map_file(path, entry.name, entry.size)
    else:
        data = read_file(path, entry.name, limit=entry.size, size=entry.size)
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise BundleDamaged(f"{entry.name}: the checksum does not match; copy or publish the bundle again")
    return data


def _check_listing(folder: Path, manifest: Manifest) -> None:
    found = set(_files(folder))
    wanted = {MANIFEST, *manifest.by_name}
    for problem, names in (("is missing", wanted - found), ("is not in the manifest", found - wanted)):
        if names:
            raise BundleDamaged(f"{min(names)}: {problem}{_and_more(names)}; copy or publish the bundle again")


def _and_more(names: Iterable[str]) -> str:
    more = len(list(names)) - 1
    return f" (and {more} more)" if more else ""


def _files(folder: Path, prefix: str = "") -> Iterator[str]:
    """Yield the paths of all regular files, refusing links, odd names and special files."""
    with os.scandir(folder) as entries:
        children = list(entries)
    if not children:
        yield prefix  # an empty folder, which no manifest lists
    for child in children:
        name = prefix + child.name
        mode = child.stat(follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            raise BundleDamaged(f"{name}: is a link; a bundle holds none")
        if not is_file_name(name):
            raise BundleDamaged(f"{name!r}: is no name that a bundle may hold")
        if stat.S_ISDIR(mode):
            yield from _files(folder / child.name, f"{name}/")
        elif stat.S_ISREG(mode):
            yield name
        else:
            raise BundleDamaged(f"{name}: is not a regular file")
