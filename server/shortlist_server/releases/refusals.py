"""Versions that may not serve: each is refused and said once, and tried again only where that may help."""

import logging
import time
from dataclasses import dataclass

from shortlist_server.errors import NotReady
from shortlist_server.releases.diary import Diary

log = logging.getLogger(__name__)

AGAIN = 30.0
"""Seconds after which a bundle is tried again that was refused for want of room."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    version: str
    until: float


class Refusals:
    """Remembers for each alias which version was refused last.

    Args:
        model: whose versions.
        diary: is told of each refusal.
    """

    def __init__(self, model: str, diary: Diary) -> None:
        self._model = model
        self._diary = diary
        self._refused: dict[str, _Refusal] = {}

    def stands(self, alias: str, version: str) -> bool:
        """Say whether the version is not to be tried for the alias now."""
        refusal = self._refused.get(alias)
        return refusal is not None and refusal.version == version and time.monotonic() < refusal.until

    def refuse(self, alias: str, version: str, error: Exception, *, instead: str) -> None:
        """Remember and say that a version may not serve; without an alias it is only said.

        Args:
            alias: that names the version; empty for none.
            version: the one that is refused.
            error: why.
            instead: the version that goes on serving.
        """
        passing = isinstance(error, NotReady | OSError | MemoryError)
        if alias:
            self._refused[alias] = _Refusal(version, time.monotonic() + AGAIN if passing else float("inf"))
        log.error("version %s of model %s is refused, %s goes on: %s", version, self._model, instead, error)
        self._diary.say("refuse", alias=alias, version=version, reason=getattr(error, "reason", type(error).__name__),
                        text=str(error)[:400])  # fmt: skip

    def refuse_for_good(self, alias: str, version: str) -> None:
        """Remember that a version is not to be tried again in this process, for a reason that was said elsewhere."""
        self._refused[alias] = _Refusal(version, float("inf"))

    def forget(self, alias: str) -> None:
        """Remember no refusal of what an alias names: it serves."""
        self._refused.pop(alias, None)
