"""The bundle on disk: BUNDLES/<model>/<version>/..., checked byte for byte, and aliases that say which one serves."""

from shortlist_bundle.files.aliases import (
    CANARY,
    STABLE,
    AliasMove,
    earlier_versions,
    promote,
    rollback,
    way_back,
    withdraw,
)
from shortlist_bundle.files.audit import AuditLog, read_audit, record
from shortlist_bundle.files.contents import BundleContents, under
from shortlist_bundle.files.manifest import FileEntry, Manifest
from shortlist_bundle.files.reader import MOST_HASHED, OpenBundle, open_bundle
from shortlist_bundle.files.versions import (
    BundleRef,
    VersionInfo,
    aliases_of,
    list_aliases,
    list_models,
    list_versions,
    resolve,
)
from shortlist_bundle.files.writer import write_bundle

__all__ = [
    "CANARY",
    "MOST_HASHED",
    "STABLE",
    "AliasMove",
    "AuditLog",
    "BundleContents",
    "BundleRef",
    "FileEntry",
    "Manifest",
    "OpenBundle",
    "VersionInfo",
    "aliases_of",
    "earlier_versions",
    "list_aliases",
    "list_models",
    "list_versions",
    "open_bundle",
    "promote",
    "read_audit",
    "record",
    "resolve",
    "rollback",
    "under",
    "way_back",
    "withdraw",
    "write_bundle",
]
