"""A session over a channel, spoken message by message."""

import queue
from contextlib import contextmanager

import grpc
from calls import refusal_of

from shortlist.v1 import recommend_pb2 as pb
from shortlist.v1 import recommender_service_pb2_grpc


class Talk:
    """What one caller says, and what comes back."""

    def __init__(self, channel, **options):
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        self._said = queue.SimpleQueue()
        self.call = stub.StreamRecommend(iter(self._said.get, None), **{"timeout": 60.0, **options})

    def say(self, quiet=False, **kind):
        """Send one message: open=, event= or request=; an event may be the item's id."""
        if isinstance(kind.get("event"), str):
            kind["event"] = pb.SessionEvent(item_id=kind["event"])
        self._said.put(pb.StreamRecommendRequest(quiet=quiet, **kind))
        return self

    def hear(self):
        """Wait for the next list."""
        return next(self.call).list

    def end(self):
        """Say that nothing more will be said."""
        self._said.put(None)

    def refusal(self):
        """Wait for the end, which has to be an error, and return it."""
        try:
            for _ in self.call:
                pass
        except grpc.RpcError as error:
            return refusal_of(error)
        raise AssertionError("the session ended well")


@contextmanager
def talking(channel, **options):
    """Open a stream, and leave it at the end of the block."""
    talk = Talk(channel, **options)
    try:
        yield talk
    finally:
        talk.end()
        talk.call.cancel()
