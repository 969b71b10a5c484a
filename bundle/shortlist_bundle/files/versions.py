"""Which models, versions and aliases there are."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shortlist_bundle.documents import Fields, read_document
from shortlist_bundle.errors import BundleDamaged, BundleError, BundleNotFound
from shortlist_bundle.files.contents import WRITTEN, report_file
from shortlist_bundle.files.manifest import MAX_MANIFEST_BYTES, read_manifest
from shortlist_bundle.files.names import ALIASES, MANIFEST, check_name, is_name
from shortlist_bundle.files.storage import clear_errors, read_file

_MAX_WRITTEN_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class BundleRef:
    """One version of one model, and where it stands."""

    model: str
    version: str
    bundle_id: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionInfo:
    """One version as its manifest describes it; nothing is verified here.

    Attributes:
        version: Its name.
        bundle_id: None when the manifest cannot be read.
        created: ISO 8601 in UTC, empty when unknown.
        size: Bytes of all files.
        aliases: Those that point to it, sorted.
        problem: Why the manifest cannot be read, or None.
    """

    version: str
    bundle_id: str | None = None
    created: str = ""
    size: int = 0
    aliases: tuple[str, ...] = ()
    problem: str | None = None


def list_models(root: Path | str) -> list[str]:
    """Return the names of all models, sorted.

    Raises:
        BundleNotFound: The folder of models does not exist.
    """
    return sorted(_folders(Path(root)))


def list_versions(root: Path | str, model: str = "default") -> list[VersionInfo]:
    """Return all versions of a model, newest last; a damaged one is listed with its problem.

    Raises:
        BadName: The model has a name that cannot be one.
        BundleNotFound: There is no such model.
    """
    folder = model_folder(root, model)
    pointing = list_aliases(root, model)
    versions = [_describe(folder, name, pointing) for name in _folders(folder) if name != ALIASES]
    return sorted(versions, key=lambda info: (info.created, info.version))


def list_aliases(root: Path | str, model: str = "default") -> dict[str, str]:
    """Return alias -> version, sorted by alias.

    Raises:
        BundleNotFound: There is no such model.
        BundleDamaged: An alias is a link, or names no version.
    """
    folder = model_folder(root, model)
    if not (folder / ALIASES).is_dir():
        return {}
    names = sorted(name for name in os.listdir(folder / ALIASES) if is_name(name))
    return {name: version for name in names if (version := read_alias(folder, name)) is not None}


def aliases_of(root: Path | str, model: str, version: str) -> tuple[str, ...]:
    """Return the aliases that point to a version, sorted.

    Raises:
        BundleNotFound: There is no such model.
        BundleDamaged: An alias is a link, or names no version.
    """
    return tuple(alias for alias, target in list_aliases(root, model).items() if target == version)


def resolve(root: Path | str, model: str, version: str) -> str:
    """Return the version that a name stands for, be it a version or an alias.

    Raises:
        BadName: A name that cannot be one.
        BundleNotFound: There is no such model, version or alias.
        BundleDamaged: The alias points nowhere.
    """
    folder = model_folder(root, model)
    target = read_alias(folder, check_name("version", version))
    if target is not None and not version_exists(folder, target):
        raise BundleDamaged(f"alias {version!r} of model {model!r} points to {target!r}, which is not there")
    if target is None and not version_exists(folder, version):
        raise BundleNotFound(f"model {model!r} has no version or alias {version!r}; it has {_known(root, model)}")
    return target or version


def model_folder(root: Path | str, model: str) -> Path:
    """Return a model's folder.

    Raises:
        BadName: The model has a name that cannot be one.
        BundleNotFound: There is no such folder, or it is a link.
    """
    folder = Path(root) / check_name("model", model)
    if not _is_folder(folder):
        raise BundleNotFound(f"there is no model {model!r}; train one, or check the folder of bundles")
    return folder


def version_exists(folder: Path, version: str) -> bool:
    """Say whether a model's folder holds this version; it may still be damaged."""
    return _is_folder(folder / version)


def read_alias(folder: Path, alias: str) -> str | None:
    """Return the version that an alias points to, None if there is no such alias.

    Raises:
        BundleDamaged: The alias is a link, or does not hold the name of a version.
    """
    path = folder / ALIASES / alias
    if not os.path.lexists(path):
        return None
    with clear_errors(f"reading alias {alias!r}"):
        version = read_file(path, f"alias {alias!r}", limit=128).decode("ascii", "replace").removesuffix("\n")
    if not is_name(version) or version == ALIASES:
        raise BundleDamaged(f"alias {alias!r}: holds no name of a version; promote one again")
    return version


def _describe(folder: Path, name: str, pointing: dict[str, str]) -> VersionInfo:
    aliases = tuple(alias for alias, version in pointing.items() if version == name)
    try:
        manifest = read_manifest(read_file(folder / name / MANIFEST, MANIFEST, limit=MAX_MANIFEST_BYTES))
        created = _created(folder / name)
    except BundleError as error:
        return VersionInfo(version=name, aliases=aliases, problem=str(error))
    size = sum(file.size for file in manifest.files)
    return VersionInfo(version=name, bundle_id=manifest.bundle_id, created=created, size=size, aliases=aliases)


def _created(folder: Path) -> str:
    name = report_file(WRITTEN)
    return Fields(read_document(read_file(folder / name, name, limit=_MAX_WRITTEN_BYTES), name), name).text("created")


def _folders(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        raise BundleNotFound(f"there is no folder {folder.name!r}; train a model, or check where the bundles are")
    with clear_errors(f"listing {folder.name!r}"):
        names = os.listdir(folder)
    return (name for name in names if is_name(name) and _is_folder(folder / name))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _known(root: Path | str, model: str) -> str:
    names = [*list_aliases(root, model), *(info.version for info in list_versions(root, model))]
    return ", ".join(names[-10:]) or "none"
