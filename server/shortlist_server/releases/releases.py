"""Follow the alias files, and obey administrators: check, load beside, swap one reference, let the old one go."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from shortlist_bundle.documents import JSON
from shortlist_bundle.errors import BundleError
from shortlist_bundle.files import CANARY, AliasMove
from shortlist_server.errors import AliasMoved, BundleRefused, NotReady, ServerError
from shortlist_server.gathering import Gathering
from shortlist_server.loaded import Loaded
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.releases.guardrails import Limits, RewardSource
from shortlist_server.releases.problems import as_server_error, told
from shortlist_server.releases.residents import Residents
from shortlist_server.releases.shelf import Shelf
from shortlist_server.releases.trial import Trial

log = logging.getLogger(__name__)

POLL = 0.2
"""Seconds between two looks at the alias files."""
_DRAIN = 30.0
"""Seconds that a bundle's last requests may take before another is loaded."""
_AGAIN = 30.0
"""Seconds after which a bundle is tried again that was refused for want of room."""
_REMEMBERED = 32
_TURN = 0.0002
"""Seconds that the loading thread keeps the interpreter while a request wants it."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    version: str
    until: float


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
        self._moving = moving or _unmoved
        self.share = share
        self._loaded = loaded
        self._gathering = gathering
        self._limits = limits or Limits()
        self._rewards = rewards
        self._trial: Trial | None = None
        first = loaded.current()
        self._residents = Residents(first, self._freed)
        self._checked: dict[str, str] = {first.version: first.bundle_id}
        self._refused: dict[str, _Refusal] = {}
        self._spare = ""
        self._unread = ""
        self._changing = threading.RLock()
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="releases", daemon=True)

    @property
    def loaded_versions(self) -> tuple[str, ...]:
        """The versions that are in memory and may answer."""
        return self._residents.versions

    @property
    def resident_count(self) -> int:
        """How many bundles are in memory, those that finish their last requests included."""
        return self._residents.count

    def start(self) -> None:
        """Watch from now on."""
        self._watcher.start()

    def stop(self) -> None:
        """Watch no more; what is being loaded meanwhile is loaded to its end, and serves nobody."""
        self._stop.set()

    def look(self) -> None:
        """Bring what serves in step with the aliases, once."""
        with self._changing:
            self._residents.tend()
            wanted = self._wanted()
            stable = wanted.get(self.shelf.alias, "")
            if stable and stable != self._loaded.current().version:
                self._try(self.shelf.alias, stable, self._serve)
            canary = wanted.get(CANARY, "") if self.share > 0 and self.shelf.alias != CANARY else ""
            self._follow_canary(canary)
            self._judge_canary()

    def load(self, version: str) -> PipelineProtocol:
        """Check and load a version, so that promoting it is a swap of one reference; an alias may name it.

        Raises:
            ServerError: It may not serve; what serves is not touched.
        """
        with self._changing:
            try:
                name = self.shelf.resolve(version)
                return self._brought(name)
            except (BundleError, ServerError) as error:
                self._refuse("", version, error)
                raise as_server_error(error) from error

    def promote(self, version: str, alias: str, expected: str | None) -> tuple[str, AliasMove]:
        """Load a version, let an alias point to it, and serve it; return its id and the move.

        Raises:
            ServerError: It may not serve, or the alias is not where it was expected to be; nothing has changed.
        """
        with self._changing, told():
            name = self.shelf.resolve(version)
            self._check_expected(alias, expected)
            bundle_id = self._fit(name, alias)
            move = self.shelf.promote(name, alias, expected, by="admin", bundle=bundle_id)
            self.look()
            return bundle_id, move

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
                self._clear_for(version)
            return self.load(version).bundle_id
        return self.shelf.check(version)

    def end_canary(self) -> None:
        """Let the stable bundle answer everybody again."""
        with self._changing:
            stable = self._loaded.current()
            self._loaded.put(stable)
            self._try_out(None)
            self._residents.drop({stable.version, self._spare})

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
        refusal = self._refused.get(alias)
        if refusal and refusal.version == version and time.monotonic() < refusal.until:
            return
        try:
            serve(version)
            self._refused.pop(alias, None)
        except Exception as error:
            # Whatever a reader stumbles over, what serves goes on, and it is said once.
            self._refuse(alias, version, error)

    def _serve(self, version: str) -> None:
        previous = self._loaded.current().version
        self._clear_for(version)
        began = time.monotonic()
        pipeline = self._brought(version)
        self._loaded.put(pipeline)
        self._try_out(None)
        self._spare = ""
        self._residents.drop({version})
        self._say("serve", alias=self.shelf.alias, version=version, bundle=pipeline.bundle_id,
                  previous=previous, seconds=round(time.monotonic() - began, 3))  # fmt: skip

    def _clear_for(self, version: str) -> None:
        """Let a canary make room for a third bundle; it comes back when the old one has gone."""
        canary = self._loaded.arms().canary
        if canary is not None and canary.version != version:
            # Not held on to here: its memory is what is needed.
            del canary
            self.end_canary()

    def _follow_canary(self, version: str) -> None:
        arms = self._loaded.arms()
        current = arms.canary.version if arms.canary else ""
        if version == arms.stable.version:
            version = ""
        if version == current:
            return
        if current:
            self.end_canary()
            self._say("canary-end", version=current)
        if version:
            self._try(CANARY, version, self._serve_canary)

    def _serve_canary(self, version: str) -> None:
        pipeline = self._brought(version)
        self._spare = ""
        stable = self._loaded.current()
        self._try_out(Trial(stable.bundle_id, pipeline.bundle_id, self._limits, self._rewards))
        self._loaded.put(stable, pipeline, self.share)
        self._say("canary-start", version=version, bundle=pipeline.bundle_id, share=self.share)

    def _try_out(self, trial: Trial | None) -> None:
        self._trial = trial
        if self._gathering is not None:
            self._gathering.watch = trial.note if trial else None

    def _judge_canary(self) -> None:
        """Withdraw a canary that does worse than it may: here at once, and by its alias everywhere else."""
        breach = self._trial.breach() if self._trial else None
        canary = self._loaded.arms().canary
        if breach is None or canary is None:
            return
        version = canary.version
        del canary
        self._refused[CANARY] = _Refusal(version, float("inf"))
        self.end_canary()
        log.error("canary %s of model %s is withdrawn: %s", version, self.shelf.model, breach)
        self._say("canary-breach", version=version, what=breach.what, stable=breach.stable, canary=breach.canary)
        try:
            self.shelf.withdraw(CANARY, version, by="server", why=str(breach))
        except BundleError as error:
            # Another worker was first, or the folder may only be read; here it serves nobody any more.
            log.warning("the alias %s of model %s stays: %s", CANARY, self.shelf.model, error)

    def _brought(self, version: str) -> PipelineProtocol:
        """Return a version that is in memory, after checking and loading it if need be."""
        pipeline = self._residents.get(version)
        if pipeline is not None:
            return pipeline
        with self.shelf.turn():
            if version not in self._checked:
                self._remember(version, self.shelf.check(version))
            stable = self._loaded.current().version
            self._residents.make_room({stable}, _DRAIN)
            with _short_turns():
                pipeline = self._moving(self.shelf.load(version))
        if self._checked[version] != pipeline.bundle_id:
            # The folder holds another bundle than the one that was checked.
            del self._checked[version]
            pipeline.close()
            raise BundleRefused(f"version {version!r} was changed while it was checked; load it again")
        self._residents.keep(pipeline)
        self._spare = version
        self._say("load", version=version, bundle=pipeline.bundle_id)
        return pipeline

    def _remember(self, version: str, bundle_id: str) -> None:
        self._checked[version] = bundle_id
        while len(self._checked) > _REMEMBERED:
            self._checked.pop(next(iter(self._checked)))

    def _refuse(self, alias: str, version: str, error: Exception) -> None:
        passing = isinstance(error, NotReady | OSError | MemoryError)
        until = time.monotonic() + _AGAIN if passing else float("inf")
        if alias:
            self._refused[alias] = _Refusal(version, until)
        log.error("version %s of model %s is refused, %s goes on: %s", version, self.shelf.model,
                  self._loaded.current().version, error)  # fmt: skip
        self._say("refuse", alias=alias, version=version, reason=getattr(error, "reason", type(error).__name__),
                  text=str(error)[:400])  # fmt: skip

    def _freed(self, version: str) -> None:
        self._say("free", version=version)

    def _say(self, event: str, **facts: JSON) -> None:
        log.info("%s %s", event, facts)
        try:
            self.shelf.record(event, by="server", pid=os.getpid(), **facts)
        except (BundleError, OSError) as error:
            # A folder that may only be read is no reason to stop serving.
            log.warning("the audit log of model %s cannot be written: %s", self.shelf.model, error)


def _unmoved(pipeline: PipelineProtocol) -> PipelineProtocol:
    return pipeline


@contextmanager
def _short_turns() -> Iterator[None]:
    """Let requests have the interpreter at once while a bundle is loaded.

    A request asks for it some ten times, and each time would wait for the loading thread's whole turn of 5 ms.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
