"""Answers that know what has happened up to a position: whoever asks for one waits for it before anything else."""

from collections.abc import Callable
from typing import Any, TypeVar

import grpc

from shortlist_bundle.changes.log import START, Position
from shortlist_server.wire.positions import position_of

R = TypeVar("R")
Reach = Callable[[Any, Position, float | None], None]
"""Returns when the state that answers a request has reached a position, or raises; seconds that the caller waits."""


def wait_for_position(handler: Callable[..., R], reach: Reach) -> Callable[..., R]:
    """Wrap a handler so that it starts when the state has reached the request's `after_position`.

    Waiting takes no place among the requests that are worked on. A text that is no position is left to the handler,
    which says so together with whatever else is wrong.
    """

    def handle(request: Any, context: grpc.ServicerContext) -> R:
        if request.after_position:
            position = position_of(request.after_position)
            if position is not None and position > START:
                reach(request, position, context.time_remaining())
        return handler(request, context)

    return handle
