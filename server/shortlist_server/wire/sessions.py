"""The messages of a session: their order, and what an event or a request in one may say."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite

from shortlist.v1 import recommend_pb2 as pb
from shortlist_server.errors import InvalidRequest
from shortlist_server.limits import LIMITS, Limits
from shortlist_server.pipeline.request import Event, RecommendRequest
from shortlist_server.wire.inspection import Inspection
from shortlist_server.wire.requests import read_recommend
from shortlist_server.wire.values import read_moment, read_name, read_optional_name

OPEN, EVENT, REQUEST, CALLS = "open", "event", "request", "calls"
_OF_THE_SESSION = ("customer_id", "profile", "model")


def read_kind(message: pb.StreamRecommendRequest, *, opened: bool) -> str:
    """Return which kind of message this is: 'open', 'event' or 'request'.

    Raises:
        InvalidRequest: It is of no kind, comes at the wrong time, or is a request that wants no list.
    """
    kind = message.WhichOneof("message")
    if kind == CALLS:
        raise InvalidRequest.at(CALLS, "comes in a session; calls need a stream of their own")
    if kind is None:
        raise InvalidRequest.at("message", "is empty; `open`, `event` or `request` is needed")
    if kind == OPEN and opened:
        raise InvalidRequest.at(OPEN, "comes a second time; end the stream and open another for another customer")
    if kind != OPEN and not opened:
        raise InvalidRequest.at(kind, "comes before `open`, which has to be the first message")
    if kind == REQUEST and message.quiet:
        raise InvalidRequest.at("quiet", "is set on a request, which always wants a list; leave it out")
    return kind


def read_event(message: pb.SessionEvent, limits: Limits = LIMITS) -> Event:
    """Read what the customer did.

    Raises:
        InvalidRequest: Fields cannot be meant.
    """
    inspection = Inspection(limits)
    if message.HasField("value") and not (isfinite(message.value) and message.value >= 0.0):
        inspection.refuse("value", f"{message.value} is not a finite number of at least 0")
    if message.HasField("rating") and not isfinite(message.rating):
        inspection.refuse("rating", f"{message.rating} is not a finite number")
    event = Event(
        item_id=read_name(inspection, message.item_id, "item_id"),
        timestamp=read_moment(inspection, message.timestamp, "timestamp") if message.HasField("timestamp") else None,
        value=message.value if message.HasField("value") else 1.0,
        rating=message.rating if message.HasField("rating") else None,
        event=read_optional_name(inspection, message.event, "event") or None,
    )
    inspection.finish()
    return event


def read_session_request(message: pb.RecommendRequest, limits: Limits = LIMITS) -> RecommendRequest:
    """Read the settings of one list of a session.

    Raises:
        InvalidRequest: Fields cannot be meant, or are the session's own.
        FeatureOff: The request asks for something that this version would have to ignore.
    """
    inspection = Inspection(limits)
    for name in _OF_THE_SESSION:
        if message.HasField("profile") if name == "profile" else getattr(message, name):
            inspection.refuse(name, "is the session's, as `open` gave it; leave it out")
    inspection.finish()
    return read_recommend(message, limits)


@contextmanager
def fields_of(kind: str) -> Iterator[None]:
    """Let the violations that are found inside name their fields from the session's message: `open.k`."""
    try:
        yield
    except InvalidRequest as error:
        error.move_into(kind)
        raise
