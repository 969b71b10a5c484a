"""One open stream that carries the calls of many threads."""

import queue
import threading
import time
from typing import Any

import grpc

from shortlist.v1 import recommend_pb2
from shortlist_client.errors import CallError, Unavailable
from shortlist_client.multiplexer import StreamBroken
from shortlist_client.stream import too_late
from shortlist_client.traffic import Traffic
from shortlist_client.translation.problems import from_rpc
from shortlist_client.translation.streamed import SHARED_PATH, Answer

ENDED = "the server ended the stream"


class _Waiter:
    """A caller who waits; `turn` is released when there is an answer, or will be none."""

    __slots__ = ("answer", "turn")

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.turn = threading.Lock()
        self.turn.acquire()


class SharedStream:
    """A stream for calls of any thread; a thread of its own hands the answers out. See `Traffic`."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._said: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._traffic = Traffic()
        self._waiting: dict[int, _Waiter] = {}
        self._over: CallError | None = None
        self.opened = self._heard = time.monotonic()
        self._answered = self._retired = False
        method: Any = channel.stream_stream(SHARED_PATH)
        self._call = method(iter(self._said.get, None))
        threading.Thread(target=self._listen, name="shared-stream", daemon=True).start()

    @property
    def over(self) -> bool:
        """Whether the stream has ended."""
        return self._over is not None

    @property
    def useful(self) -> bool:
        """Whether anything was answered on it."""
        return self._answered

    def ask(self, payload: bytes, timeout: float) -> recommend_pb2.RecommendResponse:
        """Return the answer to a `RecommendRequest`.

        Raises:
            CallError: The server refused the call, or did not answer in time.
            StreamBroken: The stream ended before.
        """
        waiter, asked = _Waiter(), time.monotonic()
        with self._lock:
            if self._over is not None or self._retired:
                raise StreamBroken(self._over or Unavailable(ENDED), attempted=False)
            number = self._traffic.add(payload, timeout)
            self._waiting[number] = waiter
            self._send()
        try:
            if not waiter.turn.acquire(timeout=timeout):
                # Nothing at all has come since: the connection may be dead, and others should not wait on it.
                if self._heard < asked:
                    self.close()
                raise too_late(timeout)
        finally:
            with self._lock:
                self._waiting.pop(number, None)
                self._traffic.give_up(number)
                self._end_if_idle()
        if waiter.answer is None:
            raise StreamBroken(self._over or Unavailable(ENDED))
        if isinstance(waiter.answer, CallError):
            raise waiter.answer
        return waiter.answer

    def retire(self) -> None:
        """See `Shared.retire`."""
        with self._lock:
            self._retired = True
            self._end_if_idle()

    def close(self) -> None:
        """End the stream; who still waits is told that it is broken."""
        self._call.cancel()

    def _send(self) -> None:
        """Send what may leave now; the lock is held."""
        for message in self._traffic.leaving():
            self._said.put(message)

    def _end_if_idle(self) -> None:
        """Say that nothing more will be said on a retired stream; the lock is held."""
        if self._retired and not self._waiting:
            self._said.put(None)

    def _listen(self) -> None:
        over: CallError = Unavailable(ENDED)
        try:
            for raw in self._call:
                with self._lock:
                    self._heard, self._answered = time.monotonic(), True
                    for number, answer in self._traffic.arrived(raw):
                        self._waiting[number].answer = answer
                        self._waiting.pop(number).turn.release()
                    self._send()
                    self._end_if_idle()
        except grpc.RpcError as problem:
            over = from_rpc(problem)
        except CallError as problem:
            over = problem
            self._call.cancel()
        finally:
            with self._lock:
                self._over = over
                for waiter in self._waiting.values():
                    waiter.turn.release()
            # Lets go the thread in which gRPC waits for the next message.
            self._said.put(None)
