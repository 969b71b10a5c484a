"""grpc.reflection.v1alpha: lets tools such as grpcurl find out what may be called."""

import threading
from collections.abc import Iterator

import grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from shortlist_server.deserialise import parse_stream
from shortlist_server.errors import Overloaded
from shortlist_server.interceptors.errors import answer_stream_errors
from shortlist_server.servicers.handlers import Handlers

SERVICE = reflection_pb2.DESCRIPTOR.services_by_name["ServerReflection"]

_MOST_STREAMS = 4
_RETRY_AFTER = 1.0


class Reflection:
    """The stock servicer with a bound on its streams: each holds a thread for as long as its caller likes."""

    def __init__(self, services: list[str]) -> None:
        """Show these services."""
        self._servicer = reflection.ReflectionServicer([*services, SERVICE.full_name])
        self._lock = threading.Lock()
        self._open: set[grpc.ServicerContext] = set()

    def handlers(self) -> Handlers:
        """Return the handlers of the reflection service."""
        method = SERVICE.methods_by_name["ServerReflectionInfo"]
        answer = answer_stream_errors(parse_stream(self.info, reflection_pb2.ServerReflectionRequest), method.full_name)
        return {method.name: grpc.stream_stream_rpc_method_handler(answer)}

    def info(
        self, requests: Iterator[reflection_pb2.ServerReflectionRequest], context: grpc.ServicerContext
    ) -> Iterator[reflection_pb2.ServerReflectionResponse]:
        """Answer questions about the API, one after another."""
        with self._lock:
            if len(self._open) >= _MOST_STREAMS:
                raise Overloaded("too many reflection streams are open", retry_after=_RETRY_AFTER)
            self._open.add(context)
        try:
            yield from self._servicer.ServerReflectionInfo(requests, context)
        finally:
            with self._lock:
                self._open.discard(context)

    def close(self) -> None:
        """End every stream: a tool's idle one would use up the grace of a drain."""
        with self._lock:
            contexts = tuple(self._open)
        for context in contexts:
            context.cancel()
