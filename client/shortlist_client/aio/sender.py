"""Sends calls over a channel of asyncio and turns failures into errors of this package."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import grpc

from shortlist_client.aio.stream import AioStream
from shortlist_client.errors import DeadlineExceeded, Overloaded, Unavailable
from shortlist_client.health import POLL_PAUSE, health_check, not_serving
from shortlist_client.settings import Retry
from shortlist_client.translation.calls import Call
from shortlist_client.translation.problems import from_rpc

Reply = TypeVar("Reply")


class AioSender:
    """One channel and the way calls are repeated on it; for one event loop."""

    def __init__(self, channel: grpc.aio.Channel, retry: Retry) -> None:
        self.retry = retry
        self._channel = channel
        self._methods: dict[str, Callable[..., Awaitable[bytes]]] = {}

    async def send(self, call: Call[Reply]) -> Reply:
        """Return the answer to a call.

        Raises:
            CallError: There was none in time, or it was an error.
        """
        deadline = time.monotonic() + call.timeout
        try:
            return await self._attempt(call, call.timeout)
        except Overloaded as error:
            pause = self.retry.overload_pause(error, deadline - time.monotonic())
            if pause is None:
                raise
        await asyncio.sleep(pause)
        return await self._attempt(call, deadline - time.monotonic())

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
