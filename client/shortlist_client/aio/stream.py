"""One open call of a session in asyncio: messages out, answers in."""

import asyncio
from contextlib import suppress
from typing import Any

import grpc

from shortlist_client.errors import CallError, Unavailable
from shortlist_client.stream import ENDED
from shortlist_client.translation.problems import from_rpc, from_trailers
from shortlist_client.translation.sessions import PATH

_LONGEST_GOODBYE = 1.0


class AioStream:
    """A call that stays open, of one event loop."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._call: Any = channel.stream_stream(PATH)()

    async def say(self, message: bytes) -> None:
        """Send a message.

        Raises:
            CallError: The call has ended.
        """
        try:
            await self._call.write(message)
        except grpc.RpcError as problem:
            raise from_rpc(problem) from problem
        except asyncio.InvalidStateError as problem:
            raise await self._end() from problem

    async def hear(self) -> bytes:
        """Return the next answer.

        Raises:
            CallError: The call has ended.
        """
        try:
            answer = await self._call.read()
        except grpc.RpcError as problem:
            raise from_rpc(problem) from problem
        if answer is grpc.aio.EOF:
            raise await self._end()
        return bytes(answer)

    async def close(self) -> None:
        """Say that nothing more will be said, and let the server end the call."""
        with suppress(grpc.RpcError, asyncio.InvalidStateError, TimeoutError):
            async with asyncio.timeout(_LONGEST_GOODBYE):
                await self._call.done_writing()
                await self._call.code()
        self.break_off()

    def break_off(self) -> None:
        """End the call at once."""
        self._call.cancel()

    async def _end(self) -> CallError:
        code = await self._call.code()
        if code is grpc.StatusCode.OK:
            return Unavailable(ENDED)
        return from_trailers(code.name, await self._call.details() or "", await self._call.trailing_metadata() or ())
