"""Callers of an HTTP server over connections that stay open, in a process of their own."""

import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack

from shortlist_bench.child import in_child
from shortlist_bench.closed_loop import Answered, Ask, closed_loop

DEADLINE = 10.0
_END = b"\r\n\r\n"
_MOST = 1 << 16


def post(port: int, path: str, bodies: Sequence[bytes], *, kind: str, callers: int, seconds: float) -> Answered:
    """Post bodies of a media type to a server on this machine, each caller over a connection of its own."""
    return in_child(_post, port, path, bodies, kind, callers, seconds)


def answers(port: int, path: str, body: bytes, *, kind: str) -> bool:
    """Say whether the server answers this with 200 now."""
    try:
        with _connected(port) as connection:
            _asked(connection, path, kind)(body)
    except (OSError, RuntimeError):
        return False
    return True


def _post(port: int, path: str, bodies: Sequence[bytes], kind: str, callers: int, seconds: float) -> Answered:
    with ExitStack() as stack:
        connections = [stack.enter_context(_connected(port)) for _ in range(callers)]
        return closed_loop([_asked(one, path, kind) for one in connections], bodies, seconds)


def _connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _asked(connection: socket.socket, path: str, kind: str) -> Ask:
    """Return what posts a body and returns that of the answer.

    Of HTTP/1.1 only what a server of this kind sends: a status line, headers with a length, a body.
    """
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: ".encode()

    def ask(body: bytes) -> bytes:
        connection.sendall(head + str(len(body)).encode() + _END + body)
        data, until = b"", time.monotonic() + DEADLINE
        while (at := data.find(_END)) < 0:
            data += _more(connection, until)
        lines = data[:at].decode("latin-1").split("\r\n")
        if lines[0].split()[1] != "200":
            raise RuntimeError(f"the server says: {lines[0]}")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        size = at + len(_END) + int(headers["content-length"])
        while len(data) < size:
            data += _more(connection, until)
        return data[at + len(_END) :]

    return ask


def _more(connection: socket.socket, until: float) -> bytes:
    data = connection.recv(_MOST)
    if not data or time.monotonic() > until:
        raise RuntimeError("the server did not finish its answer")
    return data
