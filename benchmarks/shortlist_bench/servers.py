"""Servers under test: the real one as a user starts it, and the floor, each a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from shortlist_bench.floor import serve_floor

_STOP = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that listens.

    Attributes:
        address: of it.
        pids: its worker processes.
        start_seconds: from the command to its announcement.
    """

    address: str
    pids: tuple[int, ...]
    start_seconds: float


@contextmanager
def shortlist_server(bundles: Path, *options: str) -> Iterator[Running]:
    """Run `shortlist serve` over a folder of bundles, with further options of that command."""
    program = str(Path(sys.executable).with_name("shortlist"))
    command = [program, "serve", "--bundles", str(bundles), "--port", "0", "--clock", "log_end", "--json", *options]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RuntimeError(f"`{' '.join(command)}` did not start; what it says stands above")
        seconds = time.perf_counter() - began
        pids = _children(process.pid) or (process.pid,)
        yield Running(address=f"127.0.0.1:{json.loads(line)['port']}", pids=pids, start_seconds=seconds)
    finally:
        process.terminate()
        process.wait(timeout=_STOP)
        if process.stdout:
            process.stdout.close()


@contextmanager
def floor_server(way: str, reply: bytes, threads: int) -> Iterator[Running]:
    """Run the floor, which answers everything with the like of one reply."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve_floor, args=(way, reply, threads, theirs))
    began = time.perf_counter()
    process.start()
    theirs.close()
    port = ours.recv()
    try:
        yield Running(address=f"127.0.0.1:{port}", pids=(process.pid or 0,), start_seconds=time.perf_counter() - began)
    finally:
        ours.send("stop")
        process.join(_STOP)
        process.close()
        ours.close()


def _children(pid: int) -> tuple[int, ...]:
    """Return the worker processes of a server, none where it works itself."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return tuple(int(child) for child in found if "resource_tracker" not in _command(int(child)))


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()
