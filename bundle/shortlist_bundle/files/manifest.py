"""The manifest: every file of a bundle with its checksum, and what a reader must be able to do."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shortlist_bundle.documents import JSON, Fields, read_document, write_document
from shortlist_bundle.errors import BundleDamaged, BundleIncompatible, DocumentError
from shortlist_bundle.features.spec import ENCODER_VERSION
from shortlist_bundle.files.names import MANIFEST, REPORT, is_file_name

FORMAT = 1
"""The layout of folder and manifest. A newer one is refused; golden bundles of every older one keep being read."""
READER = 1
"""Raised when a new kind of part appears that an older reader would overlook and answer differently without."""
BYTE_ORDER = "little"

MAX_MANIFEST_BYTES = 4 << 20
MAX_FILES = 4096
_MAX_FILE_BYTES = 1 << 50
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file: its name within the bundle, sha256 in hex, bytes, and whether it counts towards the bundle's id."""

    name: str
    sha256: str
    size: int
    hashed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All files of a bundle, sorted by name, and what it asks of its reader."""

    files: tuple[FileEntry, ...]
    minimal_reader: int = 1
    feature_encoder: int = ENCODER_VERSION
    format: int = FORMAT
    byte_order: str = BYTE_ORDER
    by_name: Mapping[str, FileEntry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {file.name: file for file in self.files})

    @property
    def bundle_id(self) -> str:
        """Return 16 hex digits that are equal for two bundles exactly when all counted files are."""
        pairs = sorted((file.name, file.sha256) for file in self.files if file.hashed)
        return hashlib.sha256("".join(f"{name} {sha256}\n" for name, sha256 in pairs).encode()).hexdigest()[:16]

    def to_bytes(self) -> bytes:
        """Return the manifest's file, which ends in no more and no less than these bytes."""
        body: dict[str, JSON] = {
            "bundle_id": self.bundle_id,
            "byte_order": self.byte_order,
            "feature_encoder": self.feature_encoder,
            "files": [
                {"name": file.name, "sha256": file.sha256, "size": file.size, "hashed": file.hashed}
                for file in self.files
            ],
            "format": self.format,
            "minimal_reader": self.minimal_reader,
        }
        return _sealed(body)

    def check_compatible(self) -> None:
        """Refuse a bundle that this release would answer wrongly from.

        Raises:
            BundleIncompatible: It needs another reader, feature encoder or byte order; the field is named.
        """
        if self.minimal_reader > READER:
            raise BundleIncompatible(
                f"{MANIFEST}: minimal_reader is {self.minimal_reader}, this release reads {READER}; upgrade it",
                subject=f"{MANIFEST}#minimal_reader",
            )
        if self.feature_encoder != ENCODER_VERSION:
            raise BundleIncompatible(
                f"{MANIFEST}: feature_encoder is {self.feature_encoder}, this release encodes as {ENCODER_VERSION}; "
                "train again, or use the release that wrote the bundle",
                subject=f"{MANIFEST}#feature_encoder",
            )
        if self.byte_order != BYTE_ORDER:
            raise BundleIncompatible(
                f"{MANIFEST}: byte_order is {self.byte_order!r}, only {BYTE_ORDER!r} is read",
                subject=f"{MANIFEST}#byte_order",
            )


def read_manifest(data: bytes) -> Manifest:
    """Parse the manifest's file.

    The checksum within it covers all the rest, and only its one canonical spelling is accepted, so that no flipped
    bit goes unseen. Both hold for every format, past and future.

    Raises:
        BundleDamaged: The bytes are not those that were written.
        BundleIncompatible: They are, but of a newer format, or with fields that cannot be.
    """
    try:
        body = read_document(data, MANIFEST)
    except DocumentError as error:
        raise BundleDamaged(str(error)) from None
    if not isinstance(body, Mapping) or _sealed({k: v for k, v in body.items() if k != "checksum"}) != data:
        raise BundleDamaged(f"{MANIFEST}: the checksum does not match; copy or publish the bundle again")
    fields = Fields(body, MANIFEST)
    format = fields.integer("format", 1, 1 << 30)
    if format > FORMAT:
        raise BundleIncompatible(
            f"{MANIFEST}: format is {format}, this release reads up to {FORMAT}; upgrade it",
            subject=f"{MANIFEST}#format",
        )
    return _manifest(fields, format)


def _manifest(fields: Fields, format: int) -> Manifest:
    bundle_id = fields.text("bundle_id")
    fields.text("checksum")
    entries = fields.objects("files")
    if len(entries) > MAX_FILES:
        raise fields.wrong("files", f"at most {MAX_FILES} files", f"{len(entries)} files")
    manifest = Manifest(
        files=tuple(_file_entry(entry) for entry in entries),
        minimal_reader=fields.integer("minimal_reader", 1, 1 << 30),
        feature_encoder=fields.integer("feature_encoder", 1, 1 << 30),
        format=format,
        byte_order=fields.text("byte_order"),
    )
    fields.end()
    names = [file.name for file in manifest.files]
    if names != sorted(manifest.by_name):
        raise fields.wrong("files", "sorted by name, each once", names)
    if bundle_id != manifest.bundle_id:
        raise fields.wrong("bundle_id", f"{manifest.bundle_id} by its files", bundle_id)
    return manifest


def _file_entry(fields: Fields) -> FileEntry:
    name, sha256 = fields.text("name"), fields.text("sha256")
    if not is_file_name(name) or name == MANIFEST:
        raise fields.wrong("name", "a name within the bundle", name)
    if not _SHA256.fullmatch(sha256):
        raise fields.wrong("sha256", "64 hex digits", sha256)
    entry = FileEntry(name, sha256, fields.integer("size", 0, _MAX_FILE_BYTES), fields.flag("hashed"))
    # Else bytes that determine answers could be changed without changing the id.
    if entry.hashed == name.startswith(f"{REPORT}/"):
        raise fields.wrong("hashed", f"true outside {REPORT}/ and false within", entry.hashed)
    fields.end()
    return entry


def _sealed(body: Mapping[str, JSON]) -> bytes:
    checksum = hashlib.sha256(write_document(body, MANIFEST)).hexdigest()
    return write_document({**body, "checksum": checksum}, MANIFEST)
