"""What `--data` names: a folder, a server's log of changes, or both."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from shortlist_training.log.location import Recording

RECORDED = "log+"


def source_of(named: Sequence[str]) -> "tuple[Path | Recording, Path]":
    """Return the log that the values of `--data` name, and the folder in which its configuration may lie.

    Raises:
        click.UsageError: There are two of a kind.
    """
    from shortlist_training.log.location import Recording

    folders = [Path(name) for name in named if not name.startswith(RECORDED)]
    changes = [Path(name.removeprefix(RECORDED)) for name in named if name.startswith(RECORDED)]
    if len(folders) > 1 or len(changes) > 1:
        raise click.UsageError("Give --data once for a folder, and once more for log+DIR where a server recorded on.")
    if not changes:
        return folders[0], folders[0]
    base = folders[0] if folders else None
    return Recording(changes=changes[0], base=base), base or changes[0]
