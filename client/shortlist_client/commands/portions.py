"""A long run of rows sent in portions: how far it is, which rows were refused, and what became of it."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import click

from shortlist_client.changes import Deleted, Upserted
from shortlist_client.errors import CallError

Row = TypeVar("Row")
PORTION = 500
"""Rows of one call: half of what the server takes, so that long texts fit the largest message."""
SHOWN_ERRORS = 20
SAY_EVERY = 2.0
"""Seconds between two lines that say how far it is."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What has become of the rows so far.

    Attributes:
        what: the word for the rows, e.g. "items".
        done: how many were stored, or taken out.
        unknown: how many ids nobody knew.
        errors: row, counted from 1 -> why it was refused.
        unknown_attributes: columns that the models were not trained with, in the order in which they came.
        position: the state after the newest portion.
    """

    what: str
    done: int = 0
    unknown: int = 0
    errors: dict[int, CallError] = field(default_factory=dict)
    unknown_attributes: dict[str, None] = field(default_factory=dict)
    position: str = ""
    _sent: int = 0
    _said: float = field(default_factory=time.monotonic)

    def send(self, rows: Iterable[Row], call: Callable[[list[Row]], Upserted | Deleted]) -> None:
        """Send all rows; where a call fails, what was done until then is said before the error."""
        try:
            for portion in _portions(rows):
                self._add(call(portion), len(portion))
                self._say()
        except Exception:
            if self._sent:
                click.echo(f"ended after {self._sent:,} {self.what}, which stay as they are told", err=True)
            raise

    def show(self, verb: str, *, where: str, as_json: bool) -> None:
        """Print what became of the rows; end with exit code 1 where some were refused."""
        if as_json:
            facts = {verb: self.done, "unknown": self.unknown, "refused": len(self.errors), "position": self.position}
            told = {str(row): str(error) for row, error in self.errors.items()}
            more = {"unknown_attributes": list(self.unknown_attributes), "errors": told}
            click.echo(json.dumps({**facts, **more}, indent=2, ensure_ascii=False))
        else:
            unknown = f", unknown {self.unknown:,}" if self.unknown else ""
            click.echo(f"{verb} {self.done:,}, refused {len(self.errors):,}{unknown}; position {self.position}")
            if self.unknown_attributes:
                names = ", ".join(self.unknown_attributes)
                click.echo(f"the models were not trained with {names}; filters can ask for them", err=True)
            for row, error in list(self.errors.items())[:SHOWN_ERRORS]:
                click.echo(_refusal(where, row, error), err=True)
            if len(self.errors) > SHOWN_ERRORS:
                click.echo(f"and {len(self.errors) - SHOWN_ERRORS:,} more", err=True)
        if self.errors:
            raise click.exceptions.Exit(1)

    def _add(self, found: Upserted | Deleted, count: int) -> None:
        if isinstance(found, Upserted):
            self.done += found.stored
            self.errors |= {self._sent + row + 1: error for row, error in found.errors.items()}
            self.unknown_attributes |= dict.fromkeys(found.unknown_attributes)
        else:
            self.done += found.deleted
            self.unknown += found.unknown
        self.position = found.position or self.position
        self._sent += count

    def _say(self) -> None:
        if time.monotonic() - self._said < SAY_EVERY:
            return
        self._said = time.monotonic()
        # On a terminal one line counts up; in a file each is a line of its own.
        start = "\r" if sys.stderr.isatty() else ""
        click.echo(f"{start}{self._sent:,} {self.what} sent", err=True, nl=not start)


def _refusal(where: str, row: int, error: CallError) -> str:
    """Return a line that names file, row and, where the server did, column."""
    violations = error.violations or {"": str(error)}
    return "\n".join(f"{where}, row {row}{_column(path)}: {text}" for path, text in violations.items())


def _column(path: str) -> str:
    """Return the column that a field of a request stands for."""
    name = path.partition("[")[2].removesuffix("]") or path
    return f", column {name}" if name else ""


def _portions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while portion := list(islice(left, PORTION)):
        yield portion
