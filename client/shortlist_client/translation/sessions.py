"""The messages of a session: what opens it, what its customer does, what else is asked in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar

from google.protobuf.message import DecodeError

from shortlist.v1 import recommend_pb2
from shortlist_client.errors import ServerError
from shortlist_client.options import CallOptions
from shortlist_client.policy import ListSettings
from shortlist_client.profile import Event, Profile
from shortlist_client.recommendations import Recommendations
from shortlist_client.translation import replies
from shortlist_client.translation.customers import profile_message
from shortlist_client.translation.lists import list_fields
from shortlist_client.translation.values import bad_field, seconds

P = ParamSpec("P")
Made = TypeVar("Made")
Reply = TypeVar("Reply", covariant=True)

PATH = "/shortlist.v1.RecommenderService/StreamRecommend"
_FIELDS = {"exclude_items": "exclude_item_ids"}
"""Settings whose fields have another name."""
_OF_THE_SESSION = ("model", "customer_id", "profile", "as_of")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn(Generic[Reply]):
    """One message of a session that wants an answer, or none if it is quiet."""

    message: bytes
    read: Callable[[bytes], Reply]
    timeout: float
    """Seconds, all attempts together."""
    event: recommend_pb2.SessionEvent | None = None
    """What the customer did, where the message tells of it."""


def _sendable(make: Callable[P, Made]) -> Callable[P, Made]:
    """Let protobuf's complaint about a number out of range or ill-formed text become a BadRequest."""

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Made:
        try:
            return make(*args, **kwargs)
        except ValueError as problem:
            raise bad_field("request", str(problem)) from problem

    return made


@_sendable
def opening_message(
    customer_id: str | None, profile: Profile | None, settings: ListSettings, options: CallOptions
) -> recommend_pb2.RecommendRequest:
    """Return what opens a session."""
    return recommend_pb2.RecommendRequest(
        customer_id=customer_id or "",
        profile=profile_message(profile),
        model=options.model,
        placement=options.placement,
        **list_fields(settings),
    )


@_sendable
def event_message(given: Event | str) -> recommend_pb2.SessionEvent:
    """Return what tells of an event."""
    event = Event(item_id=given) if isinstance(given, str) else given
    return recommend_pb2.SessionEvent(
        item_id=event.item_id,
        timestamp=None if event.timestamp is None else seconds(event.timestamp, "event.timestamp"),
        value=None if event.value == 1.0 else event.value,
        rating=event.rating,
        event=event.event,
    )


@_sendable
def request_message(
    opening: recommend_pb2.RecommendRequest, changes: Mapping[str, Any], placement: str | None
) -> recommend_pb2.RecommendRequest:
    """Return the settings of the session with some of them changed, as a request of their own."""
    request = recommend_pb2.RecommendRequest()
    request.CopyFrom(opening)
    fields = {_FIELDS.get(name, name): name for name in changes}
    for name in (*_OF_THE_SESSION, *fields):
        request.ClearField(name)  # type: ignore[arg-type]
    found = list_fields(ListSettings(**changes))
    request.MergeFrom(recommend_pb2.RecommendRequest(**{name: found[name] for name in fields}))
    if placement is not None:
        request.placement = placement
    return request


def quietly(**kind: Any) -> bytes:
    """Return a message that wants no list: open= or event=."""
    return recommend_pb2.StreamRecommendRequest(quiet=True, **kind).SerializeToString()


def event_turn(event: recommend_pb2.SessionEvent, timeout: float) -> Turn[Recommendations]:
    """Return the message that tells of an event and wants a list."""
    message = recommend_pb2.StreamRecommendRequest(event=event).SerializeToString()
    return Turn(message=message, read=_read, timeout=timeout, event=event)


def request_turn(request: recommend_pb2.RecommendRequest, timeout: float) -> Turn[Recommendations]:
    """Return the message that asks for a list."""
    message = recommend_pb2.StreamRecommendRequest(request=request).SerializeToString()
    return Turn(message=message, read=_read, timeout=timeout)


def _read(payload: bytes) -> Recommendations:
    try:
        message = recommend_pb2.StreamRecommendResponse.FromString(payload)
    except DecodeError as problem:
        name = recommend_pb2.StreamRecommendResponse.DESCRIPTOR.full_name
        raise ServerError(f"an answer of the session is not a {name}") from problem
    return replies.recommendations(message.list)
