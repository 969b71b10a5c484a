"""The bundles in this process's memory: at most two, and each freed when its last request ends."""

import ctypes
import gc
import logging
import time
import weakref
from collections.abc import Callable, Collection
from contextlib import suppress

from shortlist_server.errors import NotReady
from shortlist_server.pipeline.protocol import PipelineProtocol

log = logging.getLogger(__name__)

MOST = 2
_POLL = 0.02
_STUBBORN = 1.0
"""Seconds after which whatever still holds a bundle is looked for among what only the collector frees."""
_AGAIN = 1.0


class Residents:
    """Counts every bundle from its loading until the last reference to it is gone.

    Args:
        first: what answers from the start.
        freed: told the version of each bundle whose memory has come back.
    """

    def __init__(self, first: PipelineProtocol, freed: Callable[[str], None]) -> None:
        self._kept: dict[str, PipelineProtocol] = {first.version: first}
        self._leaving: list[tuple[str, weakref.ref[PipelineProtocol], float]] = []
        self._freed = freed

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that are loaded, without those that only finish their last requests."""
        return tuple(self._kept)

    @property
    def count(self) -> int:
        """How many bundles are in memory, those that finish their last requests included."""
        return len(self._kept) + sum(ref() is not None for _, ref, _ in self._leaving)

    def get(self, version: str) -> PipelineProtocol | None:
        """Return a loaded bundle."""
        return self._kept.get(version)

    def keep(self, pipeline: PipelineProtocol) -> None:
        """Take in a bundle that has been loaded."""
        self._kept[pipeline.version] = pipeline

    def drop(self, keep: Collection[str]) -> None:
        """Let go of all bundles but these; nobody may be sent to them any more."""
        for version in [one for one in self._kept if one not in keep]:
            pipeline = self._kept.pop(version)
            # A thread that follows the log of changes would keep it in memory.
            pipeline.close()
            self._leaving.append((version, weakref.ref(pipeline), time.monotonic()))

    def tend(self) -> None:
        """Give back the memory of those whose last request has ended."""
        if any(ref() is not None and time.monotonic() - since > _STUBBORN for _, ref, since in self._leaving):
            # An error keeps the frames it came through, and so itself: only the collector frees such a ring.
            gc.collect()
            self._leaving = [(version, ref, time.monotonic()) for version, ref, _ in self._leaving]
        gone = [version for version, ref, _ in self._leaving if ref() is None]
        self._leaving = [one for one in self._leaving if one[1]() is not None]
        if gone:
            _return_memory()
        for version in gone:
            self._freed(version)

    def make_room(self, keep: Collection[str], longest: float) -> None:
        """Wait until there is room for one more bundle; those not to be kept make it.

        Raises:
            NotReady: Requests to an earlier bundle take longer than `longest` seconds.
        """
        if self.count >= MOST:
            self.drop(keep)
        deadline = time.monotonic() + longest
        while self.count >= MOST:
            if time.monotonic() > deadline:
                problem = f"{MOST} bundles are in memory, and an earlier one still answers requests"
                raise NotReady(problem, retry_after=_AGAIN)
            time.sleep(_POLL)
            self.tend()


def _return_memory() -> None:
    """Give freed memory back to the system; the allocator keeps it otherwise."""
    # Not every C library has it, and none has to.
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
