"""How many requests are worked on at once, how many may wait, and who is sent away before they cost anything.

Only parsed requests count: calls that send headers and never a message would otherwise fill every place.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import grpc

from shortlist_server.errors import DeadlineTooShort, Overloaded

R = TypeVar("R")

_NEWEST_SHARE = 0.05
_SHORTEST_RETRY = 0.01
_LONGEST_RETRY = 1.0


class Admission:
    """A counter with `executing` places and a first-come queue of `waiting` places before them.

    A request is turned away when the queue is full, or when those before it would take longer than its caller waits;
    the time one request takes is a moving average of what was seen.
    """

    def __init__(self, *, executing: int, waiting: int) -> None:
        """Open with every place free."""
        self.executing = executing
        self.waiting = waiting
        self._lock = threading.Lock()
        self._running = 0
        self._queue: deque[threading.Lock] = deque()
        self._typical = 0.0

    @property
    def running(self) -> int:
        """How many requests are worked on."""
        return self._running

    @property
    def queued(self) -> int:
        """How many requests wait."""
        return len(self._queue)

    def guard(self, handler: Callable[..., R]) -> Callable[..., R]:
        """Wrap a handler so that it runs only in a place of its own."""

        def handle(request: Any, context: grpc.ServicerContext) -> R:
            waited = self.enter(context.time_remaining())
            started = time.monotonic()
            try:
                if waited and _given_up(context):
                    raise DeadlineTooShort(0.0)
                return handler(request, context)
            finally:
                self.leave(time.monotonic() - started)

        return handle

    def enter(self, remaining: float | None) -> bool:
        """Take a place, after a wait if need be; return whether there was one.

        Args:
            remaining: Seconds that the caller still waits; None for ever.

        Raises:
            Overloaded: The queue is full, or too slow for this caller.
            DeadlineTooShort: The deadline passed in the queue.
        """
        with self._lock:
            if self._running < self.executing:
                self._running += 1
                return False
            self._refuse_excess(remaining)
            turn = threading.Lock()
            turn.acquire()
            self._queue.append(turn)
        if not turn.acquire(timeout=threading.TIMEOUT_MAX if remaining is None else min(remaining, 86_400.0)):
            self._give_up(turn)
            raise DeadlineTooShort(0.0)
        return True

    def leave(self, spent: float | None = None) -> None:
        """Give the place to whoever waits longest; `spent` seconds go into the average."""
        with self._lock:
            if spent is not None:
                self._typical += (spent - self._typical) * (_NEWEST_SHARE if self._typical else 1.0)
            if self._queue:
                # The place changes hands without becoming free, so that nobody overtakes the queue.
                self._queue.popleft().release()
            else:
                self._running -= 1

    def _refuse_excess(self, remaining: float | None) -> None:
        wait = (len(self._queue) + 1) * self._typical / self.executing
        if len(self._queue) >= self.waiting:
            raise Overloaded("too many requests are waiting", retry_after=_retry_after(wait))
        if remaining is not None and wait + self._typical > remaining:
            raise Overloaded("the queue is longer than the deadline", retry_after=_retry_after(wait))

    def _give_up(self, turn: threading.Lock) -> None:
        with self._lock:
            if turn in self._queue:
                self._queue.remove(turn)
                return
        # The place came in the moment of giving up.
        self.leave()


def _given_up(context: grpc.ServicerContext) -> bool:
    remaining = context.time_remaining()
    return not context.is_active() or (remaining is not None and remaining <= 0.0)


def _retry_after(wait: float) -> float:
    return min(max(wait, _SHORTEST_RETRY), _LONGEST_RETRY)
