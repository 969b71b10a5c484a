"""How a version comes into memory: checked in a child process, room made for it, loaded beside what serves."""

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from shortlist_server.errors import BundleRefused
from shortlist_server.loaded import Loaded
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.releases.diary import Diary
from shortlist_server.releases.residents import Residents
from shortlist_server.releases.shelf import Shelf

DRAIN = 30.0
"""Seconds that a bundle's last requests may take before another is loaded."""
_REMEMBERED = 32
_TURN = 0.0002
"""Seconds that the loading thread keeps the interpreter while a request wants it."""


class Bringing:
    """Brings versions into memory, and lets go of them. For one thread at a time.

    Args:
        shelf: where bundles come from.
        loaded: what requests are answered from; it holds the first bundle already.
        diary: is told of what is loaded and freed.
        moving: makes a pipeline follow the log of changes.
    """

    def __init__(
        self, shelf: Shelf, loaded: Loaded, diary: Diary, moving: Callable[[PipelineProtocol], PipelineProtocol]
    ) -> None:
        self._shelf = shelf
        self._loaded = loaded
        self._diary = diary
        self._moving = moving
        first = loaded.current()
        self.residents = Residents(first, lambda version: diary.say("free", version=version))
        self._checked: dict[str, str] = {first.version: first.bundle_id}
        self._spare = ""

    def brought(self, version: str) -> PipelineProtocol:
        """Return a version that is in memory, after checking and loading it if need be.

        Raises:
            BundleError, ServerError: It may not serve, or there is no room for it.
        """
        pipeline = self.residents.get(version)
        if pipeline is not None:
            return pipeline
        with self._shelf.turn():
            if version not in self._checked:
                self._remember(version, self._shelf.check(version))
            self.residents.make_room({self._loaded.current().version}, DRAIN)
            with _short_turns():
                pipeline = self._moving(self._shelf.load(version))
        if self._checked[version] != pipeline.bundle_id:
            # The folder holds another bundle than the one that was checked.
            del self._checked[version]
            pipeline.close()
            raise BundleRefused(f"version {version!r} was changed while it was checked; load it again")
        self.residents.keep(pipeline)
        self._spare = version
        self._diary.say("load", version=version, bundle=pipeline.bundle_id)
        return pipeline

    def serves(self) -> None:
        """Note that what was brought last serves, and is no longer kept in case it will."""
        self._spare = ""

    def drop(self, keep: Collection[str], *, spare: bool = False) -> None:
        """Let go of all versions but these, and if wanted of what was loaded and does not serve yet."""
        self.residents.drop({*keep, self._spare} if spare else keep)

    def _remember(self, version: str, bundle_id: str) -> None:
        self._checked[version] = bundle_id
        while len(self._checked) > _REMEMBERED:
            self._checked.pop(next(iter(self._checked)))


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
