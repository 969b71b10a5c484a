"""One customer's session: what they did in it, and the requests that follow from that."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from shortlist_server.pipeline.request import Event, RecommendRequest


class Session:
    """Keeps the customer and the newest events; every request it makes carries the history up to now.

    An event gets its moment when it arrives: what a session's customer did a while ago stays a while ago, whenever the
    next list is asked for.

    Args:
        opened: the customer, the settings of lists that have none of their own, and `as_of` where the caller keeps
            the time.
        now: epoch seconds of the server's clock.
        events: how many events count, those of the history in `opened` included; the newest win.
    """

    def __init__(self, opened: RecommendRequest, *, now: float, events: int) -> None:
        self._opened = opened
        self._moment = opened.as_of
        self._limit = events
        self._before = _stamped(opened.profile.history, now if self._moment is None else self._moment)
        self._events: deque[Event] = deque(maxlen=events)

    def follow(self, event: Event, *, now: float) -> None:
        """Add what the customer just did.

        Args:
            event: one without a moment happened now.
            now: epoch seconds of the server's clock; where the caller keeps the time, that counts instead, and moves
                on to the event's own moment if that is later.
        """
        if self._moment is not None:
            now = self._moment = self._moment if event.timestamp is None else max(self._moment, event.timestamp)
        self._events.extend(_stamped([event], now))

    def asked(self, settings: RecommendRequest | None = None) -> RecommendRequest:
        """Return the request for a list now, with settings of its own or with those the session was opened with."""
        own = settings or self._opened
        history = (*self._before, *self._events)[-self._limit :]
        return replace(
            own,
            customer_id=self._opened.customer_id,
            profile=replace(self._opened.profile, history=history),
            placement=own.placement or self._opened.placement,
            as_of=self._moment if settings is None or settings.as_of is None else settings.as_of,
            after=max(own.after, self._opened.after),
            taken=tuple(event.item_id for event in self._events),
        )


def _stamped(events: Iterable[Event], now: float) -> tuple[Event, ...]:
    return tuple(replace(event, timestamp=now) if event.timestamp is None else event for event in events)
