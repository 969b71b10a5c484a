"""Names for requests that went wrong, so that a caller's report can be found in the server's log."""

import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

HEADER = "x-request-id"
_ALLOWED = re.compile(r"[A-Za-z0-9._:/+=-]{1,64}")
_call = threading.local()


def request_id(context: grpc.ServicerContext) -> str:
    """Return the id that the caller sent, or a new one of 128 random bits when it sent none that fits a log line."""
    for key, value in context.invocation_metadata() or ():
        if key == HEADER and isinstance(value, str) and _ALLOWED.fullmatch(value):
            return value
    return secrets.token_hex(16)


@contextmanager
def in_call(context: grpc.ServicerContext) -> Iterator[None]:
    """Let `current_request_id` name this call within the block, on this thread."""
    _call.context = context
    try:
        yield
    finally:
        _call.context = None


def current_request_id() -> str:
    """Return the id of the call that this thread works on; a new one outside of any."""
    context = getattr(_call, "context", None)
    return secrets.token_hex(16) if context is None else request_id(context)
