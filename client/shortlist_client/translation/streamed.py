"""Calls that share a stream: their messages, and what is read from the answers."""

from collections.abc import Iterable, Iterator

from google.protobuf.message import DecodeError

from shortlist.v1 import recommend_pb2
from shortlist_client.errors import CallError, ServerError
from shortlist_client.translation.calls import Call, Reply
from shortlist_client.translation.problems import from_status
from shortlist_client.translation.sessions import PATH

SHARED_PATH = PATH
"""The method that carries both sessions and calls that share a stream."""
RECOMMEND = "/shortlist.v1.RecommenderService/Recommend"
"""The only method whose calls can share a stream."""
MOST_CALLS = 64
"""Of one message."""

Answer = recommend_pb2.RecommendResponse | CallError


def call_message(number: int, payload: bytes, timeout: float) -> recommend_pb2.StreamedCall:
    """Return one call; the payload is a `RecommendRequest`."""
    return recommend_pb2.StreamedCall(
        id=number, request=recommend_pb2.RecommendRequest.FromString(payload), timeout=timeout
    )


def calls_message(calls: Iterable[recommend_pb2.StreamedCall]) -> bytes:
    """Return the message that carries them."""
    return recommend_pb2.StreamRecommendRequest(calls=recommend_pb2.StreamedCalls(calls=calls)).SerializeToString()


def read_answers(message: bytes) -> Iterator[tuple[int, Answer]]:
    """Yield the calls that a message answers, each with its list or error.

    Raises:
        ServerError: The message is none.
    """
    try:
        answers = recommend_pb2.StreamRecommendResponse.FromString(message).answers
    except DecodeError as problem:
        raise ServerError("what came on the stream is not a shortlist.v1.StreamRecommendResponse") from problem
    for answer in answers:
        yield answer.id, from_status(answer.status) if answer.HasField("status") else answer.list


def read_list(call: Call[Reply], answer: recommend_pb2.RecommendResponse) -> Reply:
    """Return the answer to a call, as it would have been read from a reply of its own."""
    return call.read(answer.SerializeToString())
