"""What was said in a session, so that it can go on with another server; and how often a message is said."""

import time
from collections import deque

from shortlist.v1 import recommend_pb2
from shortlist_client.errors import CallError, Cancelled, DeadlineExceeded, Overloaded, Unavailable
from shortlist_client.settings import Retry
from shortlist_client.translation.sessions import quietly

_MOST_EVENTS = 1_000  # The server counts no more.
_PASSING = (Unavailable, Cancelled, Overloaded, DeadlineExceeded)


class Transcript:
    """The opening of a session and its newest events, in the order in which they happened.

    Args:
        opening: what opens the session; where it gives no `as_of`, events without a moment get that of being told.
    """

    def __init__(self, opening: recommend_pb2.RecommendRequest) -> None:
        self._opening = quietly(open=opening)
        self._live = not opening.HasField("as_of")
        self._events: deque[recommend_pb2.SessionEvent] = deque(maxlen=_MOST_EVENTS)
        self._unheard: list[recommend_pb2.SessionEvent] = []

    def so_far(self) -> list[bytes]:
        """Return the messages that bring a new stream to where the session is."""
        events = [*self._events, *self._unheard][-_MOST_EVENTS:]
        return [self._opening, *(quietly(event=event) for event in events)]

    def note(self, event: recommend_pb2.SessionEvent | None) -> None:
        """Keep what the customer did, if anything; until an answer comes nobody knows what the server makes of it."""
        if event is None:
            return
        kept = recommend_pb2.SessionEvent()
        kept.CopyFrom(event)
        if self._live and not kept.HasField("timestamp"):
            kept.timestamp = time.time()
        self._unheard.append(kept)

    def answered(self) -> None:
        """Take everything so far as heard."""
        self._events.extend(self._unheard)
        self._unheard.clear()

    def failed(self, error: CallError) -> None:
        """Forget what was not heard yet, unless the error will pass: it would be refused again and again."""
        if not isinstance(error, _PASSING):
            self._unheard.clear()


class Attempts:
    """How often one message is said: anew when the stream it was said on breaks, and when an overloaded server asks.

    A new stream is already repeated by gRPC as long as nothing has been heard on it.
    """

    def __init__(self, retry: Retry, timeout: float) -> None:
        self._retry = retry
        self._deadline = time.monotonic() + timeout
        self._invited = False

    @property
    def remaining(self) -> float:
        """Seconds that are left, at least 0."""
        return max(self._deadline - time.monotonic(), 0.0)

    def pause_after(self, error: CallError, *, fresh: bool) -> float | None:
        """Return the seconds to wait before saying it again; None when that was the last time.

        Args:
            error: what became of the attempt.
            fresh: whether the stream was opened for it.
        """
        over = isinstance(error, (Unavailable, Cancelled)) or error.reason == "SESSION_OVER"
        if over and not fresh and self._retry.attempts > 1:
            return 0.0
        if self._invited:
            return None
        self._invited = True
        return self._retry.overload_pause(error, self.remaining)
