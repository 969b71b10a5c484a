"""The callers over HTTP, against a server of a few lines: what they send, what they read, and what they refuse."""

import socket
import threading

import pytest

from shortlist_bench.http_callers import answers


@pytest.fixture
def serve():
    """Return what starts a server that answers with one text and keeps what it was sent; it gives port and requests."""
    opened = []

    def start(*pieces):
        listening, asked = socket.create_server(("127.0.0.1", 0)), []
        opened.append(listening)

        def run():
            with listening.accept()[0] as connection:
                asked.append(connection.recv(4096))
                for piece in pieces:
                    connection.sendall(piece)

        threading.Thread(target=run, daemon=True).start()
        return listening.getsockname()[1], asked

    yield start
    for one in opened:
        one.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"


@pytest.mark.parametrize(
    ("pieces", "answered"),
    [
        ((OK,), True),
        (tuple(bytes([letter]) for letter in OK), True),
        ((OK.replace(b"Content-Length", b"content-length"),), True),
        ((b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n",), False),
        ((OK[:-1],), False),
        ((b"HTTP/1.1 200 OK\r\n",), False),
        ((), False),
    ],
)
def test_an_answer_is_one_that_is_whole_and_says_200(serve, pieces, answered):
    port, asked = serve(*pieces)
    assert answers(port, "/inference", b"abc", kind="application/x") is answered
    head, body = asked[0].split(b"\r\n\r\n")
    assert body == b"abc"
    assert head.split(b"\r\n")[0] == b"POST /inference HTTP/1.1"
    assert b"Content-Length: 3" in head.split(b"\r\n")


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    assert not answers(port, "/", b"", kind="x")
