"""How many sessions may be open, how long each may be idle or last, and their end when the server stops.

An open session holds a thread, also while its caller is silent. Their number is therefore bounded, their threads come
on top of those of the other calls, and one thread looks after all of them.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from shortlist_server.errors import Draining, FeatureOff, Overloaded, RetryLater, SessionOver
from shortlist_server.limits import LIMITS, Limits

M = TypeVar("M")
log = logging.getLogger(__name__)

_LONGEST_PAUSE = 0.5
_RETRY_AFTER = 1.0
"""Seconds after which a place may be free again."""
_AT_ONCE = 0.01
"""Seconds after which a session that has come to its end may be opened anew: the caller need not wait."""


class Place:
    """One open session: whether a message is in hand or awaited, and since when.

    Args:
        places: those it is one of.
        end: ends the call with an error while its handler waits; called at most once.
        cancel: breaks the call off, whatever its handler does.
    """

    def __init__(self, places: "Places", end: Callable[[RetryLater], None], cancel: Callable[[], object]) -> None:
        self._places = places
        self._end = end
        self._cancel = cancel
        self._lock = threading.Lock()
        self._opened = self._since = time.monotonic()
        self._busy = self._heard = self._over = False

    def messages(self, stream: Iterator[M]) -> Iterator[M]:
        """Yield the messages of the stream; between two of them the session counts as idle.

        Raises:
            Draining, SessionOver: The message that was in hand was the last one.
        """
        for message in stream:
            if not self._begin():
                return
            yield message
            self._rest()

    def leave(self) -> bool:
        """Give the place up; return whether the call is still to be ended, which nobody else will do from now on."""
        self._places.forget(self)
        with self._lock:
            was_over, self._over = self._over, True
            return not was_over

    def tend(self) -> None:
        """End the session if it is idle for too long, too old, or if the server stops."""
        with self._lock:
            if self._over:
                return
            if self._busy:
                # No message takes that long: its caller does not read the answer.
                if self._waited() > self._places.limits.session_idle:
                    self._cancel()
                return
            error = self._objection() or self._idle()
            if error is not None:
                self._over = True
                # Before its caller hears of it, who may come back at once.
                self._places.forget(self)
                self._end(error)

    def _begin(self) -> bool:
        with self._lock:
            self._busy = self._heard = True
            self._since = time.monotonic()
            return not self._over

    def _rest(self) -> None:
        with self._lock:
            self._busy = False
            self._since = time.monotonic()
            error = self._objection()
        if error is not None:
            raise error

    def _objection(self) -> RetryLater | None:
        """Return why no further message is taken."""
        if self._places.draining:
            return Draining(retry_after=_AT_ONCE)
        longest = self._places.limits.session_seconds
        if time.monotonic() - self._opened > longest:
            return SessionOver(f"the session has lasted {longest:g} s, which is the longest", retry_after=_AT_ONCE)
        return None

    def _idle(self) -> RetryLater | None:
        limits = self._places.limits
        longest = limits.session_idle if self._heard else limits.session_opening
        if self._waited() <= longest:
            return None
        return SessionOver(f"the session has been idle for {longest:g} s, which is the longest", retry_after=_AT_ONCE)

    def _waited(self) -> float:
        return time.monotonic() - self._since


class Places:
    """The sessions that are open in this process.

    Args:
        most: how many may be open at once; 0 switches sessions off.
        limits: how long each may be idle, and may last.
    """

    def __init__(self, *, most: int, limits: Limits = LIMITS) -> None:
        self.most = most
        self.limits = limits
        self.draining = False
        self._lock = threading.Lock()
        self._open: set[Place] = set()
        self._watched = False
        self._pause = min(_LONGEST_PAUSE, limits.session_idle / 4, limits.session_opening / 4)

    def __len__(self) -> int:
        return len(self._open)

    def enter(
        self,
        end: Callable[[RetryLater], None],
        cancel: Callable[[], object],
        *,
        method: str = "StreamRecommend",
    ) -> Place:
        """Take a place for a session, or for another stream that lasts.

        Args:
            end: see `Place`.
            cancel: see `Place`.
            method: which is called.

        Raises:
            FeatureOff: Sessions are switched off.
            Draining: The server stops.
            Overloaded: All places are taken.
        """
        if not self.most:
            raise FeatureOff(method, "is switched off on this server; start it with --sessions above 0")
        with self._lock:
            if self.draining:
                raise Draining(retry_after=_AT_ONCE)
            if len(self._open) >= self.most:
                raise Overloaded("too many sessions are open", retry_after=_RETRY_AFTER)
            place = Place(self, end, cancel)
            self._open.add(place)
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="sessions", daemon=True).start()
        return place

    def forget(self, place: Place) -> None:
        """Let another session have this one's place."""
        with self._lock:
            self._open.discard(place)

    def drain(self) -> None:
        """Take no further session, end those that wait, and the others when their message in hand is answered."""
        with self._lock:
            self.draining = True
            places = tuple(self._open)
        for place in places:
            _tend(place)

    def _watch(self) -> None:
        """Look after all sessions as long as there are any."""
        while True:
            time.sleep(self._pause)
            with self._lock:
                places = tuple(self._open)
                if not places:
                    self._watched = False
                    return
            for place in places:
                _tend(place)


def _tend(place: Place) -> None:
    try:
        place.tend()
    except Exception:
        # A call that cannot be ended must not leave the others unwatched.
        log.exception("a session could not be ended")
