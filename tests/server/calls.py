"""Servers in this process, and what a caller learns from a failed call."""

import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from shortlist_server.serving import Server
from shortlist_server.settings import ServeSettings

SETTINGS = ServeSettings(port=0, encode_api=True, drain_wait=0.0, grace=0.2)


@dataclass
class Refusal:
    """What a caller learns from a failed call."""

    code: grpc.StatusCode
    text: str
    details: dict = field(default_factory=dict)
    trailers: dict = field(default_factory=dict)

    @property
    def reason(self):
        return self.details["ErrorInfo"].reason

    @property
    def fields(self):
        bad = self.details.get("BadRequest")
        return [violation.field for violation in bad.field_violations] if bad else []


def unpack(status):
    found = {}
    for packed in status.details:
        kind = packed.type_url.rsplit(".", 1)[-1]
        found[kind] = getattr(error_details_pb2, kind).FromString(packed.value)
    return found


def refusal(call, *arguments, **options):
    """Make a call that has to fail, and return how it did."""
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments, **{"timeout": 10.0, **options})
    return refusal_of(caught.value)


def refusal_of(error):
    status = rpc_status.from_call(error)
    trailers = {key: value for key, value in error.trailing_metadata() or () if not key.endswith("-bin")}
    return Refusal(error.code(), error.details(), unpack(status) if status else {}, trailers)


@contextmanager
def serving(pipeline, settings=SETTINGS):
    """Run a server in this process; without a pipeline it stays in its start."""
    with listening(pipeline, settings) as (server, address), grpc.insecure_channel(address) as channel:
        yield server, channel


@contextmanager
def listening(pipeline, settings=SETTINGS):
    """Run a server as `serving` does, for callers who connect by its address."""
    server = Server(settings)
    port = server.start()
    if pipeline is not None:
        server.put(pipeline)
    try:
        yield server, f"127.0.0.1:{port}"
    finally:
        server.drain()


def until(condition, timeout=60.0):
    """Wait for something to come true; the time-out is far beyond what a busy machine takes."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
