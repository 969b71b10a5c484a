"""One open stream that carries the calls of many tasks."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc

from shortlist.v1 import recommend_pb2
from shortlist_client.errors import CallError, Unavailable
from shortlist_client.multiplexer import StreamBroken
from shortlist_client.shared_stream import ENDED
from shortlist_client.stream import too_late
from shortlist_client.traffic import Traffic
from shortlist_client.translation.problems import from_rpc
from shortlist_client.translation.streamed import SHARED_PATH, Answer


class AioSharedStream:
    """A stream for calls of one event loop; a task of its own hands the answers out. See `Traffic`."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._said: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._traffic = Traffic()
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._over: CallError | None = None
        self.opened = self._heard = time.monotonic()
        self._answered = self._retired = False
        method: Any = channel.stream_stream(SHARED_PATH)
        self._call = method(self._messages())
        self._listening = asyncio.create_task(self._listen())

    @property
    def over(self) -> bool:
        """Whether the stream has ended."""
        return self._over is not None

    @property
    def useful(self) -> bool:
        """Whether anything was answered on it."""
        return self._answered

    async def ask(self, payload: bytes, timeout: float) -> recommend_pb2.RecommendResponse:
        """Return the answer to a `RecommendRequest`.

        Raises:
            CallError: The server refused the call, or did not answer in time.
            StreamBroken: The stream ended before.
        """
        if self._over is not None or self._retired:
            raise StreamBroken(self._over or Unavailable(ENDED), attempted=False)
        asked, number = time.monotonic(), self._traffic.add(payload, timeout)
        self._waiting[number] = waiter = asyncio.get_running_loop().create_future()
        self._send()
        try:
            async with asyncio.timeout(timeout):
                answer = await waiter
        except TimeoutError:
            # Nothing at all has come since: the connection may be dead, and others should not wait on it.
            if self._heard < asked:
                self._call.cancel()
            raise too_late(timeout) from None
        finally:
            self._waiting.pop(number, None)
            self._traffic.give_up(number)
            self._end_if_idle()
        if isinstance(answer, CallError):
            raise answer
        return answer

    def retire(self) -> None:
        """See `Shared.retire`."""
        self._retired = True
        self._end_if_idle()

    async def close(self) -> None:
        """End the stream; who still waits is told that it is broken."""
        self._call.cancel()
        await self._listening

    def _send(self) -> None:
        for message in self._traffic.leaving():
            self._said.put_nowait(message)

    def _end_if_idle(self) -> None:
        if self._retired and not self._waiting:
            self._said.put_nowait(None)

    async def _messages(self) -> AsyncIterator[bytes]:
        while (message := await self._said.get()) is not None:
            yield message

    async def _listen(self) -> None:
        over: CallError = Unavailable(ENDED)
        try:
            async for raw in self._call:
                self._heard, self._answered = time.monotonic(), True
                for number, answer in self._traffic.arrived(raw):
                    waiter = self._waiting.pop(number)
                    if not waiter.done():
                        waiter.set_result(answer)
                self._send()
        except grpc.RpcError as problem:
            over = from_rpc(problem)
        except CallError as problem:
            over = problem
            self._call.cancel()
        except asyncio.CancelledError:
            # The call was cancelled, and not this task: gRPC says so in the same way.
            if not self._call.cancelled():
                raise
        finally:
            self._over = over
            for waiter in self._waiting.values():
                if not waiter.done():
                    waiter.set_exception(StreamBroken(over))
