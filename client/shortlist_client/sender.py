"""Sends calls over a channel and turns failures into errors of this package."""

import time
from collections.abc import Callable
from typing import TypeVar

import grpc

from shortlist_client.errors import DeadlineExceeded, Overloaded, Unavailable
from shortlist_client.health import POLL_PAUSE, health_check, not_serving
from shortlist_client.settings import Retry
from shortlist_client.stream import Stream
from shortlist_client.translation.calls import Call
from shortlist_client.translation.problems import from_rpc

Reply = TypeVar("Reply")


class Sender:
    """One channel and the way calls are repeated on it; safe to use from many threads."""

    def __init__(self, channel: grpc.Channel, retry: Retry) -> None:
        self.retry = retry
        self._channel = channel
        self._methods: dict[str, Callable[..., bytes]] = {}

    def send(self, call: Call[Reply]) -> Reply:
        """Return the answer to a call.

        Raises:
            CallError: There was none in time, or it was an error.
        """
        deadline = time.monotonic() + call.timeout
        try:
            return self._attempt(call, call.timeout)
        except Overloaded as error:
            pause = self.retry.overload_pause(error, deadline - time.monotonic())
            if pause is None:
                raise
        time.sleep(pause)
        return self._attempt(call, deadline - time.monotonic())

    def stream(self) -> Stream:
        """Return a new call of a session."""
        return Stream(self._channel)

    def is_serving(self, timeout: float) -> bool:
        """Say whether a server answers that it is serving."""
        try:
            return self._attempt(health_check(timeout), timeout)
        except (Unavailable, DeadlineExceeded):
            return False

    def wait_until_serving(self, timeout: float) -> None:
        """Return as soon as a server is serving.

        Raises:
            Unavailable: None was within `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while (remaining := deadline - time.monotonic()) > 0:
            try:
                if self._attempt(health_check(remaining), remaining, wait_for_ready=True):
                    return
            except (Unavailable, DeadlineExceeded):
                pass
            time.sleep(POLL_PAUSE)
        raise not_serving(timeout)

    def _attempt(self, call: Call[Reply], timeout: float, *, wait_for_ready: bool = False) -> Reply:
        try:
            payload = self._method(call.path)(call.payload, timeout=timeout, wait_for_ready=wait_for_ready)
        except grpc.RpcError as problem:
            raise from_rpc(problem) from problem
        return call.read(payload)

    def _method(self, path: str) -> Callable[..., bytes]:
        if path not in self._methods:
            self._methods[path] = self._channel.unary_unary(path)
        return self._methods[path]
