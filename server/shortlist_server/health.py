"""grpc.health.v1: whether this process answers.

Written anew because the stock servicer starts as SERVING, and keeps its watches open when the server drains: one idle
watch then uses up the whole grace.
"""

import threading
from collections.abc import Callable, Iterable

import grpc
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2

from shortlist_server.deserialise import parse_requests
from shortlist_server.errors import UnknownService
from shortlist_server.interceptors.errors import answer_errors
from shortlist_server.servicers.handlers import Handlers, handlers

SERVICE = health_pb2.DESCRIPTOR.services_by_name["Health"]

_Reply = health_pb2.HealthCheckResponse
_Send = Callable[[bytes | None], None]


class Health:
    """The state of the named services, all of which are up or down together; starts as NOT_SERVING."""

    def __init__(self, services: Iterable[str]) -> None:
        """Watch over these services and over "", the server as a whole."""
        self._services = frozenset(("", *services))
        self._serving = False
        self._closed = False
        self._lock = threading.Lock()
        self._watches: set[_Watch] = set()

    def handlers(self) -> Handlers:
        """Return the handlers of the health service."""
        found = handlers(SERVICE, {"Check": self.check, "List": self.list_all})
        watch = parse_requests(self.watch, GetMessageClass(SERVICE.methods_by_name["Watch"].input_type))
        answer = answer_errors(watch, SERVICE.methods_by_name["Watch"].full_name)
        # gRPC then passes a function to send with, and an open watch costs no thread.
        answer.experimental_non_blocking = True  # type: ignore[attr-defined]
        return found | {"Watch": grpc.unary_stream_rpc_method_handler(answer)}

    def status(self, service: str) -> int:
        """Return the status of one service."""
        if service not in self._services:
            return int(_Reply.SERVICE_UNKNOWN)
        return int(_Reply.SERVING if self._serving else _Reply.NOT_SERVING)

    def check(self, request: health_pb2.HealthCheckRequest) -> health_pb2.HealthCheckResponse:
        """Tell the status of one service now."""
        if request.service not in self._services:
            raise UnknownService(request.service)
        return _Reply(status=self.status(request.service))

    def list_all(self, _request: health_pb2.HealthListRequest) -> health_pb2.HealthListResponse:
        """Tell the status of every service."""
        return health_pb2.HealthListResponse(
            statuses={service: _Reply(status=self.status(service)) for service in self._services}
        )

    def watch(self, request: health_pb2.HealthCheckRequest, context: grpc.ServicerContext, send: _Send) -> None:
        """Tell the status of one service now and at every change, until either side ends it."""
        watch = _Watch(lambda: self.status(request.service), send)
        with self._lock:
            self._watches.add(watch)
        if not context.add_callback(lambda: self._forget(watch)):
            self._forget(watch)
        watch.tell()
        if self._closed:
            watch.end()

    def set_serving(self, serving: bool) -> None:
        """Change the state and tell every watch."""
        self._serving = serving
        for watch in self.watches:
            watch.tell()

    def close(self) -> None:
        """End every watch, and those to come after their first answer."""
        self._closed = True
        for watch in self.watches:
            watch.end()

    @property
    def watches(self) -> tuple["_Watch", ...]:
        """The watches that are open."""
        with self._lock:
            return tuple(self._watches)

    def _forget(self, watch: "_Watch") -> None:
        with self._lock:
            self._watches.discard(watch)


class _Watch:
    """One caller who is told of changes."""

    def __init__(self, read: Callable[[], int], send: _Send) -> None:
        self._read = read
        self._send = send
        self._told: int | None = None
        self._ended = False
        # The status is read under the lock, so that the last one sent is the newest whoever calls.
        self._lock = threading.Lock()

    def tell(self) -> None:
        with self._lock:
            status = self._read()
            if status != self._told and not self._ended:
                self._told = status
                self._send(_Reply(status=status).SerializeToString())

    def end(self) -> None:
        with self._lock:
            if not self._ended:
                self._ended = True
                self._send(None)
