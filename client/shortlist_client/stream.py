"""One open call of a session: messages out, answers in."""

import queue
import threading
from typing import Any

import grpc

from shortlist_client.errors import CallError, DeadlineExceeded, Unavailable
from shortlist_client.translation.problems import from_rpc
from shortlist_client.translation.sessions import PATH

ENDED = "the server ended the session"


def too_late(timeout: float) -> DeadlineExceeded:
    """Return the error for an answer that did not come in time."""
    return DeadlineExceeded(f"no answer within {1000 * timeout:.0f} ms")


class Stream:
    """A call that stays open; a thread of its own listens, so that waiting for an answer can end at a deadline."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._said: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._heard: queue.SimpleQueue[bytes | CallError] = queue.SimpleQueue()
        method: Any = channel.stream_stream(PATH)
        self._call = method(iter(self._said.get, None))
        threading.Thread(target=self._listen, name="session", daemon=True).start()

    def say(self, message: bytes) -> None:
        """Send a message; whether it arrives shows with the next answer."""
        self._said.put(message)

    def hear(self, timeout: float) -> bytes:
        """Return the next answer.

        Raises:
            CallError: There was none in time, or the call has ended.
        """
        try:
            found = self._heard.get(timeout=timeout)
        except queue.Empty:
            raise too_late(timeout) from None
        if isinstance(found, CallError):
            raise found
        return found

    def close(self) -> None:
        """Say that nothing more will be said."""
        self._said.put(None)

    def break_off(self) -> None:
        """End the call at once."""
        self._call.cancel()

    def _listen(self) -> None:
        try:
            for answer in self._call:
                self._heard.put(answer)
            self._heard.put(Unavailable(ENDED))
        except grpc.RpcError as problem:
            self._heard.put(from_rpc(problem))
        finally:
            # Lets go the thread in which gRPC waits for the next message.
            self._said.put(None)
