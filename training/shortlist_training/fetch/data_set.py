"""What is known of a public data set before it is fetched."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

Tables = Mapping[str, pl.DataFrame]
"""Tables of the data contract by name."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the archive must hash to; `algorithm` as `hashlib` names it."""

    algorithm: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A zip file on the web.

    Attributes:
        url: Where it is.
        checksum: As its publisher, or a well-known mirror of data sets, gives it.
        files: What to take out of it, by the full name in the archive.
        read: Turns the folder with those files, by their last name, into tables.
    """

    url: str
    checksum: Checksum
    files: tuple[str, ...]
    read: Callable[[Path], Tables]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """A public data set, from an archive on the web or from an installed package.

    Attributes:
        name: As the command calls it.
        notice: Whose data it is, what one may do with it, what to cite.
        source: The archive, or the function that reads the package.
    """

    name: str
    notice: str
    source: Archive | Callable[[], Tables]
