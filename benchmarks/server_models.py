"""Compare gRPC's ways to run a server, each with the real pipeline behind one method.

    python benchmarks/server_models.py --bundles FOLDER [--calls 2000] [--callers 1 4]

Each server is a process of its own with one worker. What counts is the processor time that it uses for a thousand
calls, which other programs on the machine disturb little; the latency beside it is the round trip of the callers.
"""

import argparse
import asyncio
import platform
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import grpc
import numpy as np

from shortlist.v1 import recommend_pb2, reply_pb2
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.wire.replies import write_recommendations

METHOD = "/shortlist.v1.RecommenderService/Recommend"
K, THREADS, WARM_UP = 50, 2, 100

Answer = Callable[[bytes], bytes]


def answer(pipeline: Pipeline, payload: bytes) -> bytes:
    """Do what the server does for one call, from bytes to bytes."""
    request = recommend_pb2.RecommendRequest.FromString(payload)
    (found,) = pipeline.recommend((RecommendRequest(customer_id=request.customer_id, k=request.k),))
    return write_recommendations(found, reply_pb2.Bundle(id=pipeline.bundle_id)).SerializeToString()


def serve(way: str, bundles: Path, connection: Connection) -> None:
    """Serve until told to stop, then say how much processor time the calls have used."""
    pipeline = Pipeline.load(bundles, "default", "stable", ClockPolicy.LOG_END)
    reply = partial(answer, pipeline)
    if way == "sync":
        _serve_sync(reply, connection)
    else:
        asyncio.run(_serve_aio(reply, connection, in_threads=way == "aio, threads"))


def _handlers(behaviour: Callable[..., object]) -> tuple[grpc.GenericRpcHandler]:
    _, service, method = METHOD.split("/")
    return (grpc.method_handlers_generic_handler(service, {method: grpc.unary_unary_rpc_method_handler(behaviour)}),)


def _serve_sync(reply: Answer, connection: Connection) -> None:
    server = grpc.server(ThreadPoolExecutor(THREADS))
    server.add_generic_rpc_handlers(_handlers(lambda payload, _: reply(payload)))
    connection.send(server.add_insecure_port("127.0.0.1:0"))
    server.start()
    _account(connection)
    server.stop(None)


async def _serve_aio(reply: Answer, connection: Connection, *, in_threads: bool) -> None:
    pool = ThreadPoolExecutor(THREADS)

    async def behave(payload: bytes, _context: grpc.aio.ServicerContext) -> bytes:
        if in_threads:
            return await asyncio.get_running_loop().run_in_executor(pool, reply, payload)
        return reply(payload)

    server = grpc.aio.server()
    server.add_generic_rpc_handlers(_handlers(behave))
    connection.send(server.add_insecure_port("127.0.0.1:0"))
    await server.start()
    await asyncio.get_running_loop().run_in_executor(None, _account, connection)
    await server.stop(None)


def _account(connection: Connection) -> None:
    connection.recv()  # The warm-up is over.
    started = time.process_time()
    connection.recv()  # All calls are answered.
    connection.send(time.process_time() - started)


def call(address: str, ids: list[str], calls: int) -> list[float]:
    """Make calls one after the other, and return the seconds of each."""
    with grpc.insecure_channel(address) as channel:
        method = channel.unary_unary(METHOD)
        times = []
        for number in range(calls):
            payload = recommend_pb2.RecommendRequest(customer_id=ids[number % len(ids)], k=K).SerializeToString()
            started = time.perf_counter()
            method(payload, timeout=30.0, wait_for_ready=True)
            times.append(time.perf_counter() - started)
    return times


def measure(way: str, bundles: Path, ids: list[str], calls: int, callers: int) -> None:
    """Print processor seconds per thousand calls, calls a second, and the callers' latency."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=serve, args=(way, bundles, theirs))
    process.start()
    address = f"127.0.0.1:{ours.recv()}"
    call(address, ids, WARM_UP)
    ours.send("go")
    times: list[float] = []
    share = calls // callers
    threads = [
        threading.Thread(target=lambda n=n: times.extend(call(address, ids[n::callers], share))) for n in range(callers)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    ours.send("stop")
    used = 1000 * ours.recv() / (share * callers)
    process.join()
    p50, p99 = 1000 * np.quantile(times, [0.5, 0.99])
    latency = f"p50 {p50:5.1f} ms   p99 {p99:5.1f} ms"
    print(f"{way:<13} {callers} callers   {used:5.2f} CPU s/1,000   {share * callers / seconds:5.0f}/s   {latency}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundles", type=Path, required=True)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 4])
    arguments = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, grpcio {grpc.__version__}")
    served = Pipeline.load(arguments.bundles, "default", "stable", ClockPolicy.LOG_END).served
    ids = served.customers.ids(range(1, len(served.customers)))
    for callers in arguments.callers:
        for way in ("sync", "aio", "aio, threads"):
            measure(way, arguments.bundles, ids, arguments.calls, callers)


if __name__ == "__main__":
    main()
