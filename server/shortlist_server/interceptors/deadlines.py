"""No work for a caller who will not wait for it."""

from collections.abc import Callable
from typing import Any, TypeVar

import grpc

from shortlist_server.errors import DeadlineTooShort

R = TypeVar("R")


def refuse_short_deadlines(handler: Callable[..., R], shortest: float) -> Callable[..., R]:
    """Wrap a handler so that it only starts when at least `shortest` seconds are left.

    gRPC computes the time that is left from the wall clock; nothing here keeps it beyond the moment.
    """

    def handle(request: Any, context: grpc.ServicerContext) -> R:
        remaining = context.time_remaining()
        if remaining is not None and remaining < shortest:
            raise DeadlineTooShort(remaining)
        return handler(request, context)

    return handle
