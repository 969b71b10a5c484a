"""Which names may become part of a path: lower-case, short, and never able to leave the folder they belong to."""

import re

from shortlist_bundle.errors import BadName, shown

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_MAX_DEPTH = 6

ALIASES = "aliases"
MANIFEST = "manifest.json"
REPORT = "report"


def is_name(name: str) -> bool:
    """Say whether a model, version, alias or part of a file name fits `[a-z0-9][a-z0-9._-]{0,63}`."""
    return _NAME.fullmatch(name) is not None


def is_file_name(name: str) -> bool:
    """Say whether a path within a bundle is made of such names, with '/' between them."""
    parts = name.split("/")
    return len(parts) <= _MAX_DEPTH and all(map(is_name, parts))


def check_name(what: str, name: str) -> str:
    """Return the name of a model, version or alias.

    Raises:
        BadName: It does not fit, or is the name of the aliases' folder.
    """
    if not isinstance(name, str) or not is_name(name):
        raise BadName(f"{what} {shown(name)}: use 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a-z or 0-9")
    if name == ALIASES:
        raise BadName(f"{what} {name!r}: this is the name of the aliases' folder; choose another")
    return name


def check_file_name(name: str) -> str:
    """Return the path of a file within a bundle.

    Raises:
        BadName: A part of it does not fit, or there are too many.
    """
    if not isinstance(name, str) or not is_file_name(name):
        raise BadName(
            f"part {shown(name)}: use at most {_MAX_DEPTH} names with '/' between, each 1 to 64 of a-z, 0-9, '.', '_' "
            "and '-', beginning with a-z or 0-9"
        )
    return name
