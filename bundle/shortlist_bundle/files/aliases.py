"""Aliases: small files that say which version serves, moved in one step, with the way back remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shortlist_bundle.documents import JSON
from shortlist_bundle.errors import BadName, BundleDamaged, BundleNotFound, Conflict
from shortlist_bundle.files.audit import record
from shortlist_bundle.files.names import ALIASES, check_name, is_name
from shortlist_bundle.files.storage import clear_errors, locked, make_folder, read_file, replace_file, sync_folder
from shortlist_bundle.files.versions import model_folder, read_alias, resolve, version_exists

STABLE = "stable"
CANARY = "canary"
"""The version that a share of the customers is served from, while a server compares it with `stable`."""
NO_VERSION = ""
"""As `expected_current`: the alias must not exist yet."""

_MAX_HISTORY = 100
_MAX_HISTORY_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class AliasMove:
    """That an alias went from one version (None if it is new) to another, possibly the same (None if it is gone)."""

    alias: str
    previous: str | None
    current: str | None


def promote(
    root: Path | str,
    model: str,
    version: str,
    *,
    alias: str = STABLE,
    expected_current: str | None = None,
    audit: Mapping[str, JSON] | None = None,
) -> AliasMove:
    """Point an alias at a version.

    Args:
        root: The folder of all models.
        model: Whose alias.
        version: The version, or another alias, which is resolved now and not followed later.
        alias: The alias to move, made if absent.
        expected_current: If given, the version at which the alias must stand now; '' when it must not exist.
        audit: What the audit log is to say besides: who, why, by which numbers.

    Raises:
        BadName: A name that cannot be one, or an alias named like a version.
        BundleNotFound: There is no such model or version.
        Conflict: The alias is elsewhere than expected, or somebody else is moving it.
        StorageError: The file system refused; the alias stays.
    """
    folder = model_folder(root, model)
    check_name("alias", alias)
    with clear_errors(f"moving alias {alias!r} of model {model!r}"), locked(folder):
        target = resolve(root, model, version)
        if version_exists(folder, alias):
            raise BadName(f"alias {alias!r}: this is the name of a version; choose another")
        current = read_alias(folder, alias)
        _check_expected(alias, current, expected_current)
        if current != target:
            record(root, model, "promote", alias=alias, version=target, previous=current, **(audit or {}))
            _move(folder, alias, [*_until_current(folder, alias, current), target])
    return AliasMove(alias, current, target)


def rollback(
    root: Path | str,
    model: str,
    *,
    alias: str = STABLE,
    expected_current: str | None = None,
    audit: Mapping[str, JSON] | None = None,
) -> AliasMove:
    """Point an alias back at the version before, skipping those that are no longer there; see `promote`.

    Raises:
        BundleNotFound: There is no such alias, or nothing before its version.
        Conflict: The alias is elsewhere than expected, or somebody else is moving it.
        StorageError: The file system refused; the alias stays.
    """
    folder = model_folder(root, model)
    check_name("alias", alias)
    with clear_errors(f"moving alias {alias!r} of model {model!r}"), locked(folder):
        current = read_alias(folder, alias)
        if current is None:
            raise BundleNotFound(f"model {model!r} has no alias {alias!r}")
        _check_expected(alias, current, expected_current)
        before = _before(folder, alias, current)
        record(root, model, "rollback", alias=alias, version=before[-1], previous=current, **(audit or {}))
        _move(folder, alias, before)
    return AliasMove(alias, current, before[-1])


def way_back(root: Path | str, model: str, *, alias: str = STABLE) -> tuple[str, str]:
    """Return where an alias stands, and where `rollback` would let it stand.

    Raises:
        BundleNotFound: There is no such alias, or nothing before its version.
    """
    folder = model_folder(root, model)
    current = read_alias(folder, check_name("alias", alias))
    if current is None:
        raise BundleNotFound(f"model {model!r} has no alias {alias!r}")
    return current, _before(folder, alias, current)[-1]


def earlier_versions(root: Path | str, model: str, *, alias: str = STABLE) -> list[str]:
    """Return the versions that an alias has named before the one that it names, newest first, each once.

    Those that are no longer there are left out; a name that is no alias has named none.

    Raises:
        BundleNotFound: There is no such model.
        BundleDamaged: The alias or its history cannot be read.
    """
    folder = model_folder(root, model)
    current = read_alias(folder, check_name("alias", alias))
    before = dict.fromkeys(reversed(_until_current(folder, alias, current)[:-1]))
    return [version for version in before if version != current and version_exists(folder, version)]


def withdraw(
    root: Path | str,
    model: str,
    *,
    alias: str = CANARY,
    expected_current: str | None = None,
    audit: Mapping[str, JSON] | None = None,
) -> AliasMove:
    """Remove an alias; where it has been stays known. See `promote`.

    Raises:
        BadName: A name that cannot be one.
        BundleNotFound: There is no such model or alias.
        Conflict: The alias is elsewhere than expected, or somebody else is moving it.
        StorageError: The file system refused; the alias stays.
    """
    folder = model_folder(root, model)
    check_name("alias", alias)
    with clear_errors(f"removing alias {alias!r} of model {model!r}"), locked(folder):
        current = read_alias(folder, alias)
        if current is None:
            raise BundleNotFound(f"model {model!r} has no alias {alias!r}")
        _check_expected(alias, current, expected_current)
        record(root, model, "withdraw", alias=alias, version=None, previous=current, **(audit or {}))
        (folder / ALIASES / alias).unlink()
        sync_folder(folder / ALIASES)
    return AliasMove(alias, current, None)


def _before(folder: Path, alias: str, current: str) -> list[str]:
    """Return where the alias has been before, without what is no longer there; at least one version."""
    before = _until_current(folder, alias, current)[:-1]
    while before and (before[-1] == current or not version_exists(folder, before[-1])):
        before.pop()
    if not before:
        raise BundleNotFound(f"alias {alias!r} of model {folder.name!r} has no earlier version than {current!r}")
    return before


def _check_expected(alias: str, current: str | None, expected: str | None) -> None:
    if expected is not None and expected != (current or NO_VERSION):
        raise Conflict(
            f"alias {alias!r} is at {current or 'no version'}, not at {expected or 'no version'}; look again"
        )


def _move(folder: Path, alias: str, history: Sequence[str]) -> None:
    make_folder(folder / ALIASES)
    # The history first: after a crash in between it names one version too many, which `_until_current` cuts off.
    lines = "".join(f"{version}\n" for version in history[-_MAX_HISTORY:])
    replace_file(_history_path(folder, alias), lines.encode())
    replace_file(folder / ALIASES / alias, f"{history[-1]}\n".encode())


def _until_current(folder: Path, alias: str, current: str | None) -> list[str]:
    """Return where the alias has been, oldest first, ending with where it is."""
    if current is None:
        return []
    past = _read_history(folder, alias)
    if current not in past:
        return [*past, current]
    return past[: len(past) - past[::-1].index(current)]


def _read_history(folder: Path, alias: str) -> list[str]:
    path = _history_path(folder, alias)
    if not path.is_file():
        return []
    versions = read_file(path, path.name, limit=_MAX_HISTORY_BYTES).decode("ascii", "replace").split()
    if not all(map(is_name, versions)):
        raise BundleDamaged(f"{path.name}: is no list of versions; remove it to begin a new one")
    return versions


def _history_path(folder: Path, alias: str) -> Path:
    # With a leading dot it can never be taken for an alias.
    return folder / ALIASES / f".{alias}.history"
