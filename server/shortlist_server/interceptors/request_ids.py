"""Names for requests that went wrong, so that a caller's report can be found in the server's log."""

import re
import secrets

import grpc

HEADER = "x-request-id"
_ALLOWED = re.compile(r"[A-Za-z0-9._:/+=-]{1,64}")


def request_id(context: grpc.ServicerContext) -> str:
    """Return the id that the caller sent, or a new one of 128 random bits when it sent none that fits a log line."""
    for key, value in context.invocation_metadata() or ():
        if key == HEADER and isinstance(value, str) and _ALLOWED.fullmatch(value):
            return value
    return secrets.token_hex(16)
