"""Callers of a gRPC server, in a process of their own."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc

from shortlist_bench.child import in_child
from shortlist_bench.closed_loop import Answered, Ask, closed_loop
from shortlist_client.shared_stream import SharedStream

DEADLINE = 10.0
CONNECTED = 30.0
_APART = [("grpc.use_local_subchannel_pool", 1)]
"""Channels to the same address would otherwise share a connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Who asks what, and for how long.

    Attributes:
        address: of the server.
        method: full name with slashes.
        requests: as bytes, asked in turn.
        callers: that ask at the same time.
        seconds: that they ask.
        shared: whether their calls share a stream, as those of a client with `multiplex` do.
        connections: over which they ask, in turn; the system spreads them over the workers of a server.
    """

    address: str
    method: str
    requests: Sequence[bytes]
    callers: int
    seconds: float
    shared: bool = False
    connections: int = 1


def call(load: Load) -> Answered:
    """Ask from a process of its own, and return what it saw."""
    return in_child(_ask, load)


def _ask(load: Load) -> Answered:
    with ExitStack() as stack:
        opened = [
            stack.enter_context(grpc.insecure_channel(load.address, options=_APART)) for _ in range(load.connections)
        ]
        for channel in opened:
            grpc.channel_ready_future(channel).result(timeout=CONNECTED)
        asks = [_shared(channel) if load.shared else _single(channel, load.method) for channel in opened]
        return closed_loop([asks[caller % len(asks)] for caller in range(load.callers)], load.requests, load.seconds)


def _single(channel: grpc.Channel, method: str) -> Ask:
    asked: Any = channel.unary_unary(method)
    return partial(asked, timeout=DEADLINE)


def _shared(channel: grpc.Channel) -> Ask:
    stream = SharedStream(channel)
    return lambda request: stream.ask(request, DEADLINE).SerializeToString()
