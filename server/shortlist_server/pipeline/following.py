"""A thread that keeps something up to date."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Follower:
    """Calls something again and again from a thread of its own.

    Args:
        catch_up: what is called.
        pause: seconds between two calls.
    """

    def __init__(self, catch_up: Callable[[], None], *, pause: float) -> None:
        self._catch_up = catch_up
        self._pause = pause
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the portion in hand."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _follow(self) -> None:
        failing = False
        while not self._ended.wait(self._pause):
            try:
                self._catch_up()
                failing = False
            except Exception:
                # Answers go on from what is known; a log that fails for long must not fill this server's own.
                if not failing:
                    log.exception("the log of changes cannot be followed; answers may be behind it")
                failing = True
