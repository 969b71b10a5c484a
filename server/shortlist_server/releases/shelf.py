"""The bundles of one model on disk, as a running server sees them."""

import fcntl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from shortlist_bundle import files
from shortlist_bundle.documents import JSON
from shortlist_bundle.files import AliasMove
from shortlist_bundle.gates.gate import Gate
from shortlist_bundle.gates.thresholds import Thresholds
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.protocol import PipelineProtocol


class Shelf(Protocol):
    """Where bundles come from. Sent to worker processes, so it has to be picklable."""

    @property
    def bundles(self) -> Path:
        """Folder of bundles."""

    @property
    def model(self) -> str:
        """Name of the model."""

    @property
    def alias(self) -> str:
        """The alias that says what serves; empty where the server was started with one version, and keeps it."""

    def wanted(self) -> Mapping[str, str]:
        """Return where each alias stands now."""

    def resolve(self, version: str) -> str:
        """Return the version that a name stands for."""

    def check(self, version: str) -> str:
        """Verify a bundle in a process of its own, which it may take down, and return its id."""

    def judge(self, version: str) -> Sequence[Gate]:
        """Return what the gates find between the bundle that `stable` names and a version, in a process of its own."""

    def load(self, version: str) -> PipelineProtocol:
        """Read a bundle beside those that serve, verify its bytes, and warm it up with its golden requests."""

    def record(self, event: str, **facts: JSON) -> None:
        """Write to the model's audit log."""

    def turn(self) -> AbstractContextManager[None]:
        """Wait until no other process of this machine loads a bundle of the model, and let none begin in the block."""

    def promote(self, version: str, alias: str, expected: str | None, **audit: JSON) -> AliasMove:
        """Point an alias at a version."""

    def way_back(self, alias: str) -> tuple[str, str]:
        """Return where an alias stands, and where it stood before."""

    def rollback(self, alias: str, expected: str | None, **audit: JSON) -> AliasMove:
        """Point an alias back at the version before."""

    def withdraw(self, alias: str, expected: str | None, **audit: JSON) -> AliasMove:
        """Remove an alias."""

    def models(self) -> Mapping[str, "OnDisk"]:
        """Return what there is of every model, by its name."""


@dataclass(frozen=True, slots=True)
class OnDisk:
    """What the folder holds of one model: its versions, newest first, and where each alias stands."""

    versions: tuple[str, ...]
    aliases: Mapping[str, str]


_LOCK = ".reload.lock"
_LONGEST_TURN = 600.0
_POLL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleShelf:
    """A folder of bundles; see `Shelf`.

    Attributes:
        bundles: the folder.
        model: whose bundles.
        alias: that says what serves; empty to keep the version that was loaded first.
        clock: what 'now' is for a request that does not say.
        gates: how much worse than the live bundle one may be that an administrator promotes.
    """

    bundles: Path
    model: str
    alias: str
    clock: ClockPolicy
    gates: Thresholds = field(default_factory=Thresholds)

    @classmethod
    def of(
        cls, bundles: Path, model: str, version: str, clock: ClockPolicy, gates: Thresholds | None = None
    ) -> "BundleShelf":
        """Return the shelf of a server that was told to serve a version, or an alias, which it then follows."""
        alias = version if version in files.list_aliases(bundles, model) else ""
        return cls(bundles=bundles, model=model, alias=alias, clock=clock, gates=gates or Thresholds())

    def wanted(self) -> Mapping[str, str]:
        """See `Shelf.wanted`."""
        return files.list_aliases(self.bundles, self.model)

    def resolve(self, version: str) -> str:
        """See `Shelf.resolve`."""
        return files.resolve(self.bundles, self.model, version)

    def check(self, version: str) -> str:
        """See `Shelf.check`."""
        from shortlist_server.releases.checking import check_in_child

        return check_in_child(self.bundles, self.model, version)

    def judge(self, version: str) -> Sequence[Gate]:
        """See `Shelf.judge`; nothing where nothing else serves."""
        from shortlist_server.releases.judging import judge_in_child

        live = files.list_aliases(self.bundles, self.model).get(files.STABLE, "")
        return judge_in_child(self.bundles, self.model, live, version, self.gates) if live not in ("", version) else ()

    def load(self, version: str) -> PipelineProtocol:
        """See `Shelf.load`."""
        from shortlist_server.pipeline.loading import load_pipeline

        # One file at a time: hashing on every core was what requests felt most of a swap.
        return load_pipeline(self.bundles, self.model, version, self.clock, hashing=1)

    def record(self, event: str, **facts: JSON) -> None:
        """See `Shelf.record`."""
        files.record(self.bundles, self.model, event, **facts)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """See `Shelf.turn`: workers load one after the other, so that the others answer meanwhile."""
        try:
            file = (self.bundles / self.model / _LOCK).open("ab")
        except OSError:
            # A folder that may only be read has no turns: all load at once.
            yield
            return
        with file:
            until = time.monotonic() + _LONGEST_TURN
            while not _locked(file) and time.monotonic() < until:
                time.sleep(_POLL)
            yield

    def promote(self, version: str, alias: str, expected: str | None, **audit: JSON) -> AliasMove:
        """See `Shelf.promote`."""
        return files.promote(
            self.bundles, self.model, version, alias=alias, expected_current=expected, audit=audit
        )  # fmt: skip

    def way_back(self, alias: str) -> tuple[str, str]:
        """See `Shelf.way_back`."""
        return files.way_back(self.bundles, self.model, alias=alias)

    def rollback(self, alias: str, expected: str | None, **audit: JSON) -> AliasMove:
        """See `Shelf.rollback`."""
        return files.rollback(self.bundles, self.model, alias=alias, expected_current=expected, audit=audit)

    def withdraw(self, alias: str, expected: str | None, **audit: JSON) -> AliasMove:
        """See `Shelf.withdraw`."""
        return files.withdraw(self.bundles, self.model, alias=alias, expected_current=expected, audit=audit)

    def models(self) -> Mapping[str, OnDisk]:
        """See `Shelf.models`."""
        return {
            name: OnDisk(
                tuple(info.version for info in reversed(files.list_versions(self.bundles, name))),
                files.list_aliases(self.bundles, name),
            )
            for name in files.list_models(self.bundles)
        }


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
