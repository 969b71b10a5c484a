"""The health protocol of gRPC, without the package that carries its messages.

Reference: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
"""

from shortlist_client.errors import Unavailable
from shortlist_client.translation.calls import Call

POLL_PAUSE = 0.05
"""Seconds between two questions while waiting for a server to serve."""

_SERVING = b"\x08\x01"  # HealthCheckResponse: field 1, a varint, value SERVING.


def health_check(timeout: float) -> Call[bool]:
    """Return the call that asks whether the server as a whole is serving."""
    return Call("/grpc.health.v1.Health/Check", b"", lambda payload: payload == _SERVING, timeout)


def not_serving(timeout: float) -> Unavailable:
    """Return the error for servers that did not begin to serve in time."""
    return Unavailable(f"no server was serving within {timeout:g} s")
