"""Bytes of the wire -> protobuf, so that bytes which are no message become an error of the caller's.

gRPC's own deserialiser answers such bytes with INTERNAL. Handlers therefore take raw bytes and parse them here, which
also moves the parsing from gRPC's one polling thread to the threads that do the work.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from shortlist_server.errors import MalformedRequest

M = TypeVar("M", bound=Message)
R = TypeVar("R")


def deserialiser(message_type: type[M]) -> Callable[[bytes], M]:
    """Return a parser of the message type that raises `MalformedRequest` for bytes which are none."""
    parse = message_type.FromString
    name = message_type.DESCRIPTOR.full_name

    def deserialise(raw: bytes) -> M:
        try:
            return parse(raw)
        except (DecodeError, UnicodeDecodeError, RecursionError):
            # Without its cause: the parser's text must not reach the wire.
            raise MalformedRequest(name) from None

    return deserialise


def parse_requests(handler: Callable[..., R], message_type: type[Message]) -> Callable[..., R]:
    """Wrap a handler so that it gets the message of the raw bytes."""
    deserialise = deserialiser(message_type)

    def handle(raw: bytes, context: grpc.ServicerContext, *more: Any) -> R:
        return handler(deserialise(raw), context, *more)

    return handle


def parse_stream(
    handler: Callable[..., Iterator[Message]], message_type: type[Message]
) -> Callable[..., Iterator[bytes]]:
    """Wrap a handler of streams so that it gets the messages of the raw bytes, and its replies become bytes."""
    deserialise = deserialiser(message_type)

    def handle(stream: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        for reply in handler(map(deserialise, stream), context):
            yield reply.SerializeToString()

    return handle
