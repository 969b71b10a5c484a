"""A worker's counts, told to its parent once a second: several processes have one address for Prometheus."""

import threading
from collections.abc import Callable

from prometheus_client import CollectorRegistry

from shortlist_server.metrics.summing import Tally, tally_of

EVERY = 1.0


class Telling:
    """Tells what is in a registry until it is closed, and once more then.

    Args:
        registry: of this process.
        tell: sends a tally to the parent.
        every: seconds between two.
    """

    def __init__(self, registry: CollectorRegistry, tell: Callable[[Tally], None], *, every: float = EVERY) -> None:
        self._registry, self._tell, self._every = registry, tell, every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Tell for the last time."""
        self._ended.set()
        self._thread.join(self._every)

    def _run(self) -> None:
        try:
            while not self._ended.wait(self._every):
                self._tell(tally_of(self._registry))
            self._tell(tally_of(self._registry))
        except (OSError, ValueError):
            # The parent is gone, and this process ends as well.
            return
