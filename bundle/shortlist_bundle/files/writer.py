"""Contents -> a new version on disk: all of it or nothing, whatever happens on the way."""

import hashlib
import importlib.metadata
import os
import platform
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from shortlist_bundle.documents import JSON, write_document
from shortlist_bundle.errors import BadName, BundleError, BundleIncompatible, VersionExists
from shortlist_bundle.files.contents import WRITTEN, BundleContents, Chunks, report_file
from shortlist_bundle.files.manifest import MAX_FILES, MAX_MANIFEST_BYTES, FileEntry, Manifest, read_manifest
from shortlist_bundle.files.names import ALIASES, MANIFEST, check_name
from shortlist_bundle.files.storage import (
    clear_errors,
    locked,
    make_folder,
    read_file,
    remove_folder,
    sync_folder,
    write_file,
)
from shortlist_bundle.files.versions import BundleRef

_UNFINISHED = ".unfinished-"
_ABANDONED_SECONDS = 3600.0
_LIBRARIES = ("shortlist", "numpy", "scipy", "faiss-cpu", "keras", "tensorflow", "tensorflow-cpu", "polars")


def write_bundle(root: Path | str, model: str, contents: BundleContents, *, version: str | None = None) -> BundleRef:
    """Publish contents as a new version; readers see it whole, or not at all. No alias moves.

    Args:
        root: The folder of all models; made if absent.
        model: Whose bundle it is.
        contents: What to write.
        version: By default the UTC time and the first half of the id, e.g. '20260131120000-1a2b3c4d'.

    Returns:
        The new version; the old one if it holds the same content already.

    Raises:
        BadName: The model, the version or a part has a name that cannot be used.
        VersionExists: The version holds other content.
        BundleIncompatible: A part cannot be kept in a bundle.
        NonFinite: An array holds NaN or infinity.
        StorageError: The file system refused; nothing was published.
    """
    folder = Path(root) / check_name("model", model)
    if version is not None:
        check_name("version", version)
    with clear_errors(f"publishing model {model!r}", "nothing was published"):
        make_folder(folder)
        _remove_abandoned(folder)
        with _unfinished(folder) as temporary:
            bundle_id = _write_files(temporary, contents).bundle_id
            stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
            name = version or f"{stamp}-{bundle_id[:8]}"
            with locked(folder):
                return _publish(temporary, BundleRef(model, name, bundle_id, folder / name))


def _write_files(folder: Path, contents: BundleContents) -> Manifest:
    entries = [_write(folder, name, chunks, hashed=True) for name, chunks in contents.files()]
    for name, report in {**contents.report, WRITTEN: _written()}.items():
        file = report_file(name)
        entries.append(_write(folder, file, (write_document(report, file),), hashed=False))
    files = tuple(sorted(entries, key=lambda entry: entry.name))
    manifest = Manifest(files=files, minimal_reader=contents.minimal_reader)
    data = manifest.to_bytes()
    if len(files) > MAX_FILES or len(data) > MAX_MANIFEST_BYTES:
        raise BundleIncompatible(f"{len(files)} files are more than a bundle may have ({MAX_FILES}); join some")
    # Last, after the folders of all other files: where there is a manifest there is a whole bundle.
    for path, _, _ in os.walk(folder):
        sync_folder(Path(path))
    write_file(folder / MANIFEST, (data,))
    sync_folder(folder)
    return manifest


def _write(folder: Path, name: str, chunks: Chunks, *, hashed: bool) -> FileEntry:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, chunks)
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return FileEntry(name, digest.hexdigest(), sum(len(chunk) for chunk in chunks), hashed)


def _publish(temporary: Path, ref: BundleRef) -> BundleRef:
    if os.path.lexists(ref.path):
        return _same(ref)
    if os.path.lexists(ref.path.parent / ALIASES / ref.version):
        raise BadName(f"version {ref.version!r}: this is the name of an alias; choose another")
    os.rename(temporary, ref.path)
    try:
        sync_folder(ref.path.parent)
    except OSError:
        # It may not survive a crash, so it must not be seen now either.
        with suppress(OSError):
            os.rename(ref.path, temporary)
        raise
    return ref


def _same(ref: BundleRef) -> BundleRef:
    """Accept what was published before, if it is the same."""
    try:
        found = read_manifest(read_file(ref.path / MANIFEST, MANIFEST, limit=MAX_MANIFEST_BYTES)).bundle_id
    except BundleError as error:
        raise VersionExists(f"version {ref.version!r} of model {ref.model!r} exists and is damaged ({error})") from None
    if found != ref.bundle_id:
        raise VersionExists(
            f"version {ref.version!r} of model {ref.model!r} exists with other content (bundle {found}, not "
            f"{ref.bundle_id}); choose another version"
        )
    return ref


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    # Not `tempfile`: its folders are closed to every user but the writer, and the server is often another one.
    path = folder / f"{_UNFINISHED}{uuid.uuid4().hex}"
    path.mkdir()
    try:
        yield path
    finally:
        remove_folder(path)


def _remove_abandoned(folder: Path) -> None:
    """Remove what writers left behind that were killed more than an hour ago."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        if not path.is_symlink() and time.time() - _last_change(path) > _ABANDONED_SECONDS:
            remove_folder(path)


def _last_change(path: Path) -> float:
    with suppress(OSError):
        return max(child.lstat().st_mtime for child in (path, *path.rglob("*")))
    return time.time()


def _written() -> dict[str, JSON]:
    libraries: dict[str, JSON] = {"python": platform.python_version()}
    for name in _LIBRARIES:
        with suppress(importlib.metadata.PackageNotFoundError):
            libraries[name] = importlib.metadata.version(name)
    return {"created": datetime.now(UTC).isoformat(timespec="seconds"), "libraries": libraries}
