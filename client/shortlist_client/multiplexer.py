"""The streams that plain calls share: opened when needed, anew when one has ended, not where a server refuses."""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from shortlist_client.errors import BadRequest, CallError, Overloaded, Unavailable, Unsupported

ROTATION = 5.0
"""Seconds after which a stream carries no new calls, so that servers that come are found and the load stays even."""
_DRAINING = "DRAINING"
PAUSE = 1.0
"""Seconds until a stream is opened again after one broke before it had answered anything."""


class StreamBroken(Exception):
    """A stream ended before a call was answered, or there is none: the call is to be made in the plain way.

    Attributes:
        cause: what the stream ended with.
        attempted: whether a server may have begun with the call, so that to make it anew is a second attempt. It has
            not where it refused the stream, or stopped taking messages from it.
    """

    def __init__(self, cause: CallError, *, attempted: bool = True) -> None:
        super().__init__(str(cause))
        self.cause = cause
        refused = isinstance(cause, BadRequest | Overloaded | Unsupported) or cause.reason == _DRAINING
        self.attempted = attempted and not refused


class Shared(Protocol):
    """A stream that calls share."""

    @property
    def over(self) -> bool:
        """Whether it has ended."""

    @property
    def useful(self) -> bool:
        """Whether anything was answered on it."""

    @property
    def opened(self) -> float:
        """When it was opened, by the monotonic clock."""

    def retire(self) -> None:
        """End the stream as soon as nobody waits for an answer on it; no further call is made on it."""


S = TypeVar("S", bound=Shared)


class Multiplexer(Generic[S]):
    """Gives out streams in turn.

    Args:
        open: opens one.
        streams: how many; with several servers as many as these, for gRPC chooses a server for each.
    """

    def __init__(self, open: Callable[[], S], streams: int) -> None:
        self._open = open
        self._streams: list[S | None] = [None] * streams
        self._turns = itertools.count()
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._off = False

    def stream(self) -> S:
        """Return the next stream.

        Raises:
            StreamBroken: There is none for now.
        """
        with self._lock:
            place = next(self._turns) % len(self._streams)
            found = self._streams[place]
            if found is not None and not found.over:
                if time.monotonic() - found.opened < ROTATION:
                    return found
                found.retire()
            if self._off or time.monotonic() < self._not_before:
                raise StreamBroken(Unavailable("calls do not share a stream for now"), attempted=False)
            self._streams[place] = found = self._open()
            return found

    def broke(self, stream: S, broken: StreamBroken) -> None:
        """Take note of a stream that ended before its time."""
        with self._lock:
            # A server that knows no shared streams, or has them switched off, will not change its mind.
            self._off = self._off or isinstance(broken.cause, Unsupported)
            if not stream.useful:
                self._not_before = time.monotonic() + PAUSE

    def end(self) -> list[S]:
        """Open no further stream, and return those that there are."""
        with self._lock:
            self._off = True
            found = [stream for stream in self._streams if stream is not None]
            self._streams = [None] * len(self._streams)
        return found


def streams_of(addresses: str | Sequence[str] | None) -> int:
    """Return how many streams it takes to reach all servers."""
    return 1 if addresses is None or isinstance(addresses, str) else max(len(addresses), 1)
