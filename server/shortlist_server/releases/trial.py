"""A canary on trial: every answer of both arms is counted, and once a second they are compared."""

from collections.abc import Sequence

from shortlist_server.errors import DeadlineTooShort, RetryLater
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.releases.guardrails import Breach, Limits, RewardSource, breaches, reward_breach
from shortlist_server.releases.window import Window


class Trial:
    """Watches one canary beside the stable bundle.

    Args:
        stable, canary: ids of the bundles.
        limits: when the canary is withdrawn.
        rewards: what feedback says of the lists; None where nobody tells.
    """

    def __init__(self, stable: str, canary: str, limits: Limits, rewards: RewardSource | None = None) -> None:
        self.stable, self.canary = stable, canary
        self._limits = limits
        self._rewards = rewards
        self._windows = {stable: Window(limits.seconds), canary: Window(limits.seconds)}

    def note(self, pipeline: PipelineProtocol, answers: Sequence[object], seconds: float) -> None:
        """Count what a caller got, and how long it took; called on the thread that answers."""
        window = self._windows.get(pipeline.bundle_id)
        if window is not None:
            window.note(seconds, [kind for answer in answers if (kind := _kind(answer)) is not None])

    def breach(self) -> Breach | None:
        """Return what speaks against the canary now; None for nothing."""
        stable, canary = self._windows[self.stable].counts(), self._windows[self.canary].counts()
        found = next(breaches(stable, canary, self._limits), None)
        if found is None and self._rewards is not None:
            told = self._rewards.rewards(self._limits.seconds)
            if self.stable in told and self.canary in told:
                found = next(reward_breach(told[self.stable], told[self.canary], self._limits), None)
        return found


def _kind(answer: object) -> str | None:
    """Return how an answer counts; None for one that says nothing of the bundle."""
    if isinstance(answer, RetryLater | DeadlineTooShort):
        return None
    if isinstance(answer, Exception):
        return "error"
    return "" if getattr(answer, "item_ids", ()) else "empty"
