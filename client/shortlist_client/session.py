"""A session: what the customer does goes out, fresh lists come in."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from shortlist_client.errors import CallError, UsageError
from shortlist_client.profile import Event
from shortlist_client.sender import Sender
from shortlist_client.session_verbs import SessionVerbs
from shortlist_client.signature import take_signature
from shortlist_client.stream import Stream
from shortlist_client.transcript import Attempts, Transcript
from shortlist_client.translation.sessions import Turn, event_message, quietly

P = ParamSpec("P")
Reply = TypeVar("Reply")


def _said(verb: Callable[Concatenate[SessionVerbs, P], Turn[Reply]]) -> Callable[Concatenate["Session", P], Reply]:
    """Return the method that says what the verb says and waits for the answer."""

    def method(self: "Session", /, *args: P.args, **kwargs: P.kwargs) -> Reply:
        return self._ask(verb(self._verbs, *args, **kwargs))

    return take_signature(method, verb)


class Session:
    """One customer's session, made by `Client.session`; for one thread at a time.

    `with shortlist.session("customer-42", k=20) as session: session.event("item-7")`

    It connects with the first message. When its server stops, or ends the session for its age or idleness, the next
    message opens it anew and says again what happened so far; the session itself has no end but `close`.
    """

    def __init__(self, sender: Callable[[], Sender], verbs: SessionVerbs) -> None:
        self._sender = sender
        self._verbs = verbs
        self._transcript = Transcript(verbs.opening)
        self._stream: Stream | None = None
        self._closed = False

    event = _said(SessionVerbs.event)
    recommend = _said(SessionVerbs.recommend)

    def quiet_event(self, item: str | Event) -> None:
        """Tell what the customer just did without asking for a list; an error shows with the next one asked for."""
        self._check_open()
        event = event_message(item)
        self._transcript.note(event)
        if self._stream is not None:
            self._stream.say(quietly(event=event))

    def close(self) -> None:
        """End the session; closing twice does no harm."""
        self._closed = True
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, turn: Turn[Reply]) -> Reply:
        self._check_open()
        attempts = Attempts(self._sender().retry, turn.timeout)
        while True:
            fresh = self._stream is None
            try:
                answer = self._attempt(turn, attempts.remaining)
            except CallError as error:
                self._break_off()
                pause = attempts.pause_after(error, fresh=fresh)
                if pause is None:
                    self._transcript.note(turn.event)
                    self._transcript.failed(error)
                    raise
            except BaseException:
                # An answer that comes after all would be taken for that to the next message.
                self._break_off()
                raise
            else:
                self._transcript.note(turn.event)
                self._transcript.answered()
                return answer
            time.sleep(pause)

    def _attempt(self, turn: Turn[Reply], timeout: float) -> Reply:
        stream = self._stream
        if stream is None:
            stream = self._stream = self._sender().stream()
            for message in self._transcript.so_far():
                stream.say(message)
        stream.say(turn.message)
        return turn.read(stream.hear(timeout))

    def _break_off(self) -> None:
        if self._stream is not None:
            self._stream.break_off()
            self._stream = None

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError("the session is closed")
