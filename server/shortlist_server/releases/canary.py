"""The canary of a process: a second bundle that answers a share of the customers, on trial until it is withdrawn."""

import logging

from shortlist_bundle.errors import BundleError
from shortlist_bundle.files import CANARY
from shortlist_server.gathering import Gathering
from shortlist_server.loaded import Loaded
from shortlist_server.releases.bringing import Bringing
from shortlist_server.releases.diary import Diary
from shortlist_server.releases.guardrails import Limits, RewardSource
from shortlist_server.releases.refusals import Refusals
from shortlist_server.releases.shelf import Shelf
from shortlist_server.releases.trial import Trial

log = logging.getLogger(__name__)


class Canary:
    """Starts, judges and ends canaries. For one thread at a time.

    Args:
        shelf: where the alias stands.
        loaded: what requests are answered from.
        bringing: brings bundles into memory.
        refusals: remembers canaries that were withdrawn.
        diary: is told of every step.
        share: of the customers whom a canary answers, in [0, 1].
        gathering: where lists are made, which are counted while there is a canary; None to count nothing.
        limits: when a canary is withdrawn.
        rewards: what feedback says of the lists; None where nobody tells.
    """

    def __init__(
        self,
        shelf: Shelf,
        loaded: Loaded,
        bringing: Bringing,
        refusals: Refusals,
        diary: Diary,
        *,
        share: float,
        gathering: Gathering | None,
        limits: Limits,
        rewards: RewardSource | None,
    ) -> None:
        self.share = share
        self._shelf, self._loaded, self._bringing = shelf, loaded, bringing
        self._refusals, self._diary = refusals, diary
        self._gathering, self._limits, self._rewards = gathering, limits, rewards
        self._trial: Trial | None = None

    @property
    def version(self) -> str:
        """The version that is on trial; empty for none."""
        canary = self._loaded.arms().canary
        return canary.version if canary else ""

    def start(self, version: str) -> None:
        """Let a version answer its share of the customers.

        Raises:
            BundleError, ServerError: It may not serve.
        """
        pipeline = self._bringing.brought(version)
        self._bringing.serves()
        stable = self._loaded.current()
        self.try_out(Trial(stable.bundle_id, pipeline.bundle_id, self._limits, self._rewards))
        self._loaded.put(stable, pipeline, self.share)
        self._diary.say("canary-start", version=version, bundle=pipeline.bundle_id, share=self.share)

    def end(self) -> None:
        """Let the stable bundle answer everybody again."""
        stable = self._loaded.current()
        self._loaded.put(stable)
        self.try_out(None)
        self._bringing.drop({stable.version}, spare=True)

    def clear_for(self, version: str) -> None:
        """Let a canary make room for a third bundle; it comes back when the old one has gone."""
        if self.version not in ("", version):
            self.end()

    def try_out(self, trial: Trial | None) -> None:
        """Count what both bundles answer; None for no trial."""
        self._trial = trial
        if self._gathering is not None:
            self._gathering.watch = trial.note if trial else None

    def judge(self) -> None:
        """Withdraw a canary that does worse than it may: here at once, and by its alias everywhere else."""
        breach = self._trial.breach() if self._trial else None
        version = self.version
        if breach is None or not version:
            return
        self._refusals.refuse_for_good(CANARY, version)
        self.end()
        log.error("canary %s of model %s is withdrawn: %s", version, self._shelf.model, breach)
        self._diary.say("canary-breach", version=version, what=breach.what, stable=breach.stable, canary=breach.canary)
        try:
            self._shelf.withdraw(CANARY, version, by="server", why=str(breach))
        except BundleError as error:
            # Another worker was first, or the folder may only be read; here it serves nobody any more.
            log.warning("the alias %s of model %s stays: %s", CANARY, self._shelf.model, error)
