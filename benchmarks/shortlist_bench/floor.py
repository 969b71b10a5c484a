"""The floor: a server that parses the same requests and builds the same replies, and does nothing in between.

Both ways that gRPC has for Python are tried, a pool of threads and asyncio; the cheaper one is the floor.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

import grpc

from shortlist.v1 import recommend_pb2

WAYS = ("threads", "asyncio")
METHOD = "/shortlist.v1.RecommenderService/Recommend"
_NO_LIMIT = [("grpc.so_reuseport", 0)]

Echo = Callable[[bytes], bytes]


def serve_floor(way: str, reply: bytes, threads: int, connection: Connection) -> None:
    """Serve until the other end of the connection says stop; it is told the port first."""
    echo = echo_of(reply)
    if way == "threads":
        _serve_threads(echo, threads, connection)
    else:
        asyncio.run(_serve_asyncio(echo, connection))


def echo_of(reply: bytes) -> Echo:
    """Return what parses a request and builds a reply like the one given, field by field."""
    like = recommend_pb2.RecommendResponse.FromString(reply)
    items, scores, masks = list(like.item_ids), list(like.scores), list(like.source_masks)
    sources, bundle, parse = list(like.sources), like.bundle, recommend_pb2.RecommendRequest.FromString

    def echo(raw: bytes) -> bytes:
        request = parse(raw)
        return recommend_pb2.RecommendResponse(
            item_ids=items, scores=scores, source_masks=masks, sources=sources, bundle=bundle,
            impression_id=like.impression_id, as_of=like.as_of, clock=like.clock,
            known_customer=bool(request.customer_id), candidate_count=like.candidate_count,
        ).SerializeToString()  # fmt: skip

    return echo


def _handlers(behaviour: Callable[..., Any]) -> Any:
    return {METHOD.rsplit("/", 1)[1]: grpc.unary_unary_rpc_method_handler(behaviour)}


def _serve_threads(echo: Echo, threads: int, connection: Connection) -> None:
    server = grpc.server(ThreadPoolExecutor(threads), options=_NO_LIMIT)
    server.add_registered_method_handlers(METHOD.split("/")[1], _handlers(lambda raw, _: echo(raw)))
    connection.send(server.add_insecure_port("127.0.0.1:0"))
    server.start()
    connection.recv()
    server.stop(None)


async def _serve_asyncio(echo: Echo, connection: Connection) -> None:
    async def behave(raw: bytes, _context: Any) -> bytes:
        return echo(raw)

    server = grpc.aio.server(options=_NO_LIMIT)
    server.add_registered_method_handlers(METHOD.split("/")[1], _handlers(behave))
    connection.send(server.add_insecure_port("127.0.0.1:0"))
    await server.start()
    await asyncio.get_running_loop().run_in_executor(None, connection.recv)
    await server.stop(None)
