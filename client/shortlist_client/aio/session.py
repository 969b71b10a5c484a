"""A session in asyncio: what the customer does goes out, fresh lists come in."""

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from shortlist_client.aio.sender import AioSender
from shortlist_client.aio.stream import AioStream
from shortlist_client.errors import CallError, UsageError
from shortlist_client.profile import Event
from shortlist_client.session_verbs import SessionVerbs
from shortlist_client.signature import take_signature
from shortlist_client.stream import too_late
from shortlist_client.transcript import Attempts, Transcript
from shortlist_client.translation.sessions import Turn, event_message, quietly

P = ParamSpec("P")
Reply = TypeVar("Reply")


def _said(
    verb: Callable[Concatenate[SessionVerbs, P], Turn[Reply]],
) -> Callable[Concatenate["Session", P], Coroutine[Any, Any, Reply]]:
    """Return the method that says what the verb says and awaits the answer."""

    async def method(self: "Session", /, *args: P.args, **kwargs: P.kwargs) -> Reply:
        return await self._ask(verb(self._verbs, *args, **kwargs))

    return take_signature(method, verb)


class Session:
    """One customer's session, made by `aio.Client.session`; the same as `shortlist_client.Session`, to be awaited.

    `async with shortlist.session("customer-42", k=20) as session: await session.event("item-7")`

    One message at a time: the next one is said when the last is answered.
    """

    def __init__(self, sender: Callable[[], AioSender], verbs: SessionVerbs) -> None:
        self._sender = sender
        self._verbs = verbs
        self._transcript = Transcript(verbs.opening)
        self._stream: AioStream | None = None
        self._closed = False

    event = _said(SessionVerbs.event)
    recommend = _said(SessionVerbs.recommend)

    async def quiet_event(self, item: str | Event) -> None:
        """Tell what the customer just did without asking for a list; an error shows with the next one asked for."""
        self._check_open()
        event = event_message(item)
        self._transcript.note(event)
        if self._stream is not None:
            try:
                await self._stream.say(quietly(event=event))
            except CallError:
                # The next message opens another stream, and says this again.
                self._break_off()

    async def close(self) -> None:
        """End the session; closing twice does no harm."""
        self._closed = True
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _ask(self, turn: Turn[Reply]) -> Reply:
        self._check_open()
        attempts = Attempts(self._sender().retry, turn.timeout)
        while True:
            fresh = self._stream is None
            try:
                answer = await self._attempt(turn, attempts.remaining)
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
            await asyncio.sleep(pause)

    async def _attempt(self, turn: Turn[Reply], timeout: float) -> Reply:
        try:
            async with asyncio.timeout(timeout):
                stream = self._stream or await self._opened()
                await stream.say(turn.message)
                return turn.read(await stream.hear())
        except TimeoutError:
            raise too_late(timeout) from None

    async def _opened(self) -> AioStream:
        self._stream = stream = self._sender().stream()
        for message in self._transcript.so_far():
            await stream.say(message)
        return stream

    def _break_off(self) -> None:
        if self._stream is not None:
            self._stream.break_off()
            self._stream = None

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError("the session is closed")
