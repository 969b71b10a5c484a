"""Follow the alias files, and obey administrators: check, load beside, swap one reference, let the old one go."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shortlist_bundle.documents import JSON
from shortlist_bundle.errors import BundleError
from shortlist_bundle.files import CANARY, AliasMove
from shortlist_bundle.gates.gate import Gate
from shortlist_server.errors import AliasMoved, GatesShut, ServerError
from shortlist_server.gathering import Gathering
from shortlist_server.loaded import Loaded
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.releases.bringing import Bringing
from shortlist_server.releases.canary import Canary
from shortlist_server.releases.diary import Diary
from shortlist_server.releases.guardrails import Limits, RewardSource
from shortlist_server.releases.problems import as_server_error, told
from shortlist_server.releases.refusals import Refusals
from shortlist_server.releases.shelf import Shelf

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Promoted:
    """A promotion: the bundle's id, how the alias moved, and what the gates said; none were asked if it was forced."""

    bundle_id: str
    move: AliasMove
    gates: Sequence[Gate] = ()


POLL = 0.2
"""Seconds between two looks at the alias files."""


class Releases:
    """Keeps what this process serves in step with the aliases. One thread watches; administrators' calls wait for it.

    Args:
        shelf: where bundles come from.
        loaded: what requests are answered from; it holds the first bundle already.
        share: of the customers whom a canary answers, in [0, 1].
        gathering: where lists are made, which are counted while there is a canary; None to count nothing.
        limits: when a canary is withdrawn.
        rewards: what feedback says of the lists; None where nobody tells.
        moving: makes a pipeline follow the log of changes; None where there is no log.
    """

    def __init__(
        self,
        shelf: Shelf,
        loaded: Loaded,
        *,
        share: float = 0.0,
        gathering: Gathering | None = None,
        limits: Limits | None = None,
        rewards: RewardSource | None = None,
        moving: Callable[[PipelineProtocol], PipelineProtocol] | None = None,
    ) -> None:
        self.shelf = shelf
        self._loaded = loaded
        self._diary = Diary(shelf)
        self._refusals = Refusals(shelf.model, self._diary)
        self._bringing = Bringing(shelf, loaded, self._diary, moving or _unmoved)
        self._canary = Canary(
            shelf, loaded, self._bringing, self._refusals, self._diary,
            share=share, gathering=gathering, limits=limits or Limits(), rewards=rewards,
        )  # fmt: skip
        self._unread = ""
        self.behind = False
        """Whether the alias names another version than the one that serves: it is being loaded, or was refused."""
        self._changing = threading.RLock()
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="releases", daemon=True)

    @property
    def loaded_versions(self) -> tuple[str, ...]:
        """The versions that are in memory and may answer."""
        return self._bringing.residents.versions

    @property
    def resident_count(self) -> int:
        """How many bundles are in memory, those that finish their last requests included."""
        return self._bringing.residents.count

    def start(self) -> None:
        """Watch from now on."""
        self._watcher.start()

    def stop(self) -> None:
        """Watch no more; what is being loaded meanwhile is loaded to its end, and serves nobody."""
        self._stop.set()

    def look(self) -> None:
        """Bring what serves in step with the aliases, once."""
        with self._changing:
            self._bringing.residents.tend()
            wanted = self._wanted()
            stable = wanted.get(self.shelf.alias, "")
            if stable and stable != self._loaded.current().version:
                self._try(self.shelf.alias, stable, self._serve)
            self.behind = stable not in ("", self._loaded.current().version)
            canary = wanted.get(CANARY, "") if self._canary.share > 0 and self.shelf.alias != CANARY else ""
            self._follow_canary(canary)
            self._canary.judge()

    def load(self, version: str) -> PipelineProtocol:
        """Check and load a version, so that promoting it is a swap of one reference; an alias may name it.

        Raises:
            ServerError: It may not serve; what serves is not touched.
        """
        with self._changing:
            try:
                name = self.shelf.resolve(version)
                return self._bringing.brought(name)
            except (BundleError, ServerError) as error:
                self._refusals.refuse("", version, error, instead=self._loaded.current().version)
                raise as_server_error(error) from error

    def promote(self, version: str, alias: str, expected: str | None, *, force: bool = False) -> Promoted:
        """Load a version that passes the gates, let an alias point to it, and serve it.

        Args:
            version: the version, or an alias that stands at it.
            alias: the alias to move.
            expected: where it must stand; None for anywhere.
            force: ask no gates; the audit log says so.

        Raises:
            GatesShut: The version is worse than the live one by more than is allowed; nothing has changed.
            ServerError: It may not serve, or the alias is not where it was expected to be; likewise.
        """
        with self._changing, told():
            name = self.shelf.resolve(version)
            self._check_expected(alias, expected)
            gates = () if force else self._passed(name, alias)
            bundle_id = self._fit(name, alias)
            audit: dict[str, JSON] = {"gates": [gate.to_json() for gate in gates], "forced": force}
            move = self.shelf.promote(name, alias, expected, by="admin", bundle=bundle_id, **audit)
            self.look()
            return Promoted(bundle_id, move, gates)

    def _passed(self, version: str, alias: str) -> Sequence[Gate]:
        """Return what the gates say of a version that passes all of them."""
        gates = self.shelf.judge(version)
        closed = [gate for gate in gates if not gate.passed]
        if closed:
            self._diary.say("gates-closed", alias=alias, version=version, gates=[gate.to_json() for gate in gates])
            raise GatesShut(version, len(gates), closed)
        return gates

    def rollback(self, alias: str, expected: str | None) -> tuple[str, AliasMove]:
        """Load the version at which an alias stood before, let it point there again, and serve it.

        Raises:
            ServerError: There is none, it may not serve, or the alias is elsewhere; nothing has changed.
        """
        with self._changing, told():
            self._check_expected(alias, expected)
            current, before = self.shelf.way_back(alias)
            bundle_id = self._fit(before, alias)
            move = self.shelf.rollback(alias, current, by="admin", bundle=bundle_id)
            self.look()
            return bundle_id, move

    def _check_expected(self, alias: str, expected: str | None) -> None:
        current = self.shelf.wanted().get(alias, "")
        if expected is not None and expected != current:
            raise AliasMoved(f"alias {alias!r} is at {current or 'no version'}, not at {expected}; look again")

    def _fit(self, version: str, alias: str) -> str:
        """Return the id of a bundle that may serve; it is loaded if this process is about to serve it."""
        if alias in (self.shelf.alias, CANARY):
            if alias == self.shelf.alias:
                self._canary.clear_for(version)
            return self.load(version).bundle_id
        return self.shelf.check(version)

    def _watch(self) -> None:
        while not self._stop.wait(POLL):
            try:
                self.look()
            except Exception:
                # Whatever it is, the server goes on with what it has.
                log.exception("the aliases of model %s cannot be followed", self.shelf.model)

    def _wanted(self) -> Mapping[str, str]:
        if not self.shelf.alias:
            return {}
        try:
            wanted = self.shelf.wanted()
        except (BundleError, OSError) as error:
            # What serves is in memory: a folder that is gone or damaged is no reason to stop. Said once.
            if str(error) != self._unread:
                log.warning("the aliases of model %s cannot be read: %s", self.shelf.model, error)
            self._unread = str(error)
            return self._as_it_is()
        self._unread = ""
        return wanted

    def _as_it_is(self) -> Mapping[str, str]:
        arms = self._loaded.arms()
        canary = {CANARY: arms.canary.version} if arms.canary else {}
        return {self.shelf.alias: arms.stable.version, **canary}

    def _try(self, alias: str, version: str, serve: Callable[[str], None]) -> None:
        if self._refusals.stands(alias, version):
            return
        try:
            serve(version)
            self._refusals.forget(alias)
        except Exception as error:
            # Whatever a reader stumbles over, what serves goes on, and it is said once.
            self._refusals.refuse(alias, version, error, instead=self._loaded.current().version)

    def _serve(self, version: str) -> None:
        previous = self._loaded.current().version
        self._canary.clear_for(version)
        began = time.monotonic()
        pipeline = self._bringing.brought(version)
        self._loaded.put(pipeline)
        self._canary.try_out(None)
        self._bringing.serves()
        self._bringing.drop({version})
        self._diary.say("serve", alias=self.shelf.alias, version=version, bundle=pipeline.bundle_id,
                        previous=previous, seconds=round(time.monotonic() - began, 3))  # fmt: skip

    def _follow_canary(self, version: str) -> None:
        current = self._canary.version
        if version == self._loaded.current().version:
            version = ""
        if version == current:
            return
        if current:
            self._canary.end()
            self._diary.say("canary-end", version=current)
        if version:
            self._try(CANARY, version, self._canary.start)


def _unmoved(pipeline: PipelineProtocol) -> PipelineProtocol:
    return pipeline
