"""The same work done by a server of another kind, beside our own answers in the same run.

A customer is known by features alone, so no history is encoded; one index is searched, 200 candidates are reranked, and
50 items answered. `mosec_server` says how the peer does it.
"""

import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shortlist.v1 import recommend_pb2
from shortlist_bench.callers import Load, call
from shortlist_bench.closed_loop import Answered
from shortlist_bench.floor import METHOD
from shortlist_bench.http_callers import answers, post
from shortlist_bench.processor import processor_seconds, tree_of
from shortlist_bench.servers import Running

PEERS = ("mosec",)
CALLERS = 64
"""Enough for batches of 32 to fill."""
_KIND = "application/msgpack"
_PATH = "/inference"
_STARTED = 120.0
_STOP = 20.0
_WARM = 0.5


def lacking(peer: str) -> str:
    """Return what has to be installed before a peer can be measured; empty where nothing is missing."""
    missing = [name for name in (peer, "msgpack") if importlib.util.find_spec(name) is None]
    return f"not installed: {', '.join(missing)}; pip install 'shortlist[peers]'" if missing else ""


def measure_peers(
    peers: Sequence[str], bundles: Path, ours: Running, requests: Sequence[bytes], seconds: float
) -> dict[str, Any]:
    """Return what an answer costs by our stream, by our single calls, and by each peer.

    Args:
        peers: names, of `PEERS`.
        bundles: folder of bundles that all of them serve from.
        ours: `shortlist serve`, running, which lets at least `CALLERS` requests wait.
        requests: of strangers with features.
        seconds: of each load.
    """
    found: dict[str, Any] = {"callers": CALLERS}
    for name, shared in (("shortlist_stream", True), ("shortlist_unary", False)):
        load = Load(
            address=ours.address, method=METHOD, requests=requests, callers=CALLERS, seconds=seconds, shared=shared
        )
        before = sum(map(processor_seconds, ours.pids))
        answered = call(load)
        found[name] = _cost(answered, sum(map(processor_seconds, ours.pids)) - before)
    for peer in peers:
        problem = lacking(peer)
        found[peer] = {"skipped": problem} if problem else _mosec(bundles, requests, seconds)
    return found


def _mosec(bundles: Path, requests: Sequence[bytes], seconds: float) -> dict[str, float]:
    bodies = [_body(raw) for raw in requests]
    with _mosec_server(bundles, bodies[0]) as (port, pid):
        post(port, _PATH, bodies, kind=_KIND, callers=CALLERS, seconds=_WARM)
        before = _spent(pid)
        answered = post(port, _PATH, bodies, kind=_KIND, callers=CALLERS, seconds=seconds)
        return _cost(answered, _spent(pid) - before)


def _cost(answered: Answered, spent: float) -> dict[str, float]:
    # One call more than were timed brought the reply.
    cpu_ms = 1000 * spent / (answered.calls + 1)
    return {"cpu_ms": cpu_ms, "qps": answered.qps, "p50_ms": answered.p50_ms, "p99_ms": answered.p99_ms}


def _spent(pid: int) -> float:
    return sum(map(processor_seconds, tree_of(pid)))


def _body(raw: bytes) -> bytes:
    import msgpack

    request = recommend_pb2.RecommendRequest.FromString(raw)
    features = {name: getattr(value, str(value.WhichOneof("kind"))) for name, value in request.profile.features.items()}
    packed: bytes = msgpack.packb({"features": features, "k": request.k})
    return packed


@contextmanager
def _mosec_server(bundles: Path, body: bytes) -> Iterator[tuple[int, int]]:
    """Run the peer, and give its port and its process when it has answered."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as room:
        command = [
            sys.executable, "-m", "shortlist_bench.mosec_server", "--address", "127.0.0.1", "--port", str(port),
            "--path", f"{room}/ipc", "--log-level", "warning", "--timeout", "10000",
        ]  # fmt: skip
        folder = {"SHORTLIST_BUNDLES": str(bundles.resolve())}
        process = subprocess.Popen(command, env={**os.environ, **folder, "PATH": _path()}, stdout=sys.stderr)
        try:
            _await(process, port, body)
            yield port, process.pid
        finally:
            _stop(process)


def _await(process: "subprocess.Popen[bytes]", port: int, body: bytes) -> None:
    until = time.monotonic() + _STARTED
    while not answers(port, _PATH, body, kind=_KIND):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("mosec did not start; what it says stands above")
        time.sleep(0.1)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _path() -> str:
    """Return the search path with this environment's programs first: mosec's front is one of them."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def ratios_of(found: Mapping[str, Any]) -> dict[str, float]:
    """Return what an answer by our stream costs for one of each peer that was measured."""
    ours = found["shortlist_stream"]["cpu_ms"]
    return {name: ours / found[name]["cpu_ms"] for name in PEERS if "cpu_ms" in found.get(name, {})}
