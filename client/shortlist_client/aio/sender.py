"""Sends calls over a channel of asyncio and turns failures into errors of this package."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import grpc

from shortlist.v1 import recommend_pb2
from shortlist_client.aio.shared_stream import AioSharedStream
from shortlist_client.aio.stream import AioStream
from shortlist_client.errors import DeadlineExceeded, Overloaded, Unavailable
from shortlist_client.health import POLL_PAUSE, health_check, not_serving
from shortlist_client.multiplexer import Multiplexer, StreamBroken
from shortlist_client.settings import Retry
from shortlist_client.translation.calls import Call
from shortlist_client.translation.problems import from_rpc
from shortlist_client.translation.streamed import RECOMMEND, read_list

Reply = TypeVar("Reply")


class AioSender:
    """One channel and the way calls are repeated on it; for one event loop.

    Args:
        channel: to send on.
        retry: when to try again.
        streams: how many streams plain calls share; 0: each is a call of its own.
    """

    def __init__(self, channel: grpc.aio.Channel, retry: Retry, *, streams: int = 0) -> None:
        self.retry = retry
        self._channel = channel
        self._multiplexer = Multiplexer(lambda: AioSharedStream(channel), streams) if streams else None
        self._methods: dict[str, Callable[..., Awaitable[bytes]]] = {}

    async def send(self, call: Call[Reply]) -> Reply:
        """Return the answer to a call.

        Raises:
            CallError: There was none in time, or it was an error.
        """
        deadline = time.monotonic() + call.timeout
        try:
            return await self._first_attempt(call, deadline)
        except Overloaded as error:
            pause = self.retry.overload_pause(error, deadline - time.monotonic())
            if pause is None:
                raise
        await asyncio.sleep(pause)
        return await self._attempt(call, deadline - time.monotonic())

    async def send_run(self, path: str, messages: list[bytes], timeout: float) -> bytes:
        """Return the answer to a stream of messages.

        Raises:
            CallError: There was none in time, or it was an error.
        """
        method: Any = self._channel.stream_unary(path)
        try:
            return bytes(await method(iter(messages), timeout=timeout))
        except grpc.RpcError as problem:
            raise from_rpc(problem) from problem

    async def close(self) -> None:
        """End what is open beside the channel."""
        if self._multiplexer is not None:
            for stream in self._multiplexer.end():
                await stream.close()

    def stream(self) -> AioStream:
        """Return a new call of a session."""
        return AioStream(self._channel)

    async def is_serving(self, timeout: float) -> bool:
        """Say whether a server answers that it is serving."""
        try:
            return await self._attempt(health_check(timeout), timeout)
        except (Unavailable, DeadlineExceeded):
            return False

    async def wait_until_serving(self, timeout: float) -> None:
        """Return as soon as a server is serving.

        Raises:
            Unavailable: None was within `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while (remaining := deadline - time.monotonic()) > 0:
            try:
                if await self._attempt(health_check(remaining), remaining, wait_for_ready=True):
                    return
            except (Unavailable, DeadlineExceeded):
                pass
            await asyncio.sleep(POLL_PAUSE)
        raise not_serving(timeout)

    async def _first_attempt(self, call: Call[Reply], deadline: float) -> Reply:
        if self._multiplexer is not None and call.path == RECOMMEND:
            # Where no stream can carry it, it is repeated as often, and on as many servers, as any other call.
            with suppress(StreamBroken):
                return read_list(call, await self._ask(self._multiplexer, call.payload, deadline - time.monotonic()))
        return await self._attempt(call, deadline - time.monotonic())

    async def _ask(
        self, multiplexer: Multiplexer[AioSharedStream], payload: bytes, timeout: float
    ) -> recommend_pb2.RecommendResponse:
        stream = multiplexer.stream()
        try:
            return await stream.ask(payload, timeout)
        except StreamBroken as broken:
            multiplexer.broke(stream, broken)
            if broken.attempted and self.retry.attempts == 1:
                raise broken.cause from None
            raise

    async def _attempt(self, call: Call[Reply], timeout: float, *, wait_for_ready: bool = False) -> Reply:
        try:
            payload = await self._method(call.path)(call.payload, timeout=timeout, wait_for_ready=wait_for_ready)
        except grpc.RpcError as problem:
            raise from_rpc(problem) from problem
        return call.read(payload)

    def _method(self, path: str) -> Callable[..., Awaitable[bytes]]:
        if path not in self._methods:
            self._methods[path] = self._channel.unary_unary(path)
        return self._methods[path]
