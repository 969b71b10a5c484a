"""Who is told of the lists that were shown."""

from collections.abc import Sequence
from typing import Protocol

from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.pipeline.reply import Recommendations
from shortlist_server.pipeline.request import RecommendRequest


class Listener(Protocol):
    """Takes note of lists on the threads that answer: it never waits, and never raises."""

    def offer(
        self, impression_id: str, request: RecommendRequest, answer: Recommendations, pipeline: PipelineProtocol
    ) -> None:
        """Take note of a list, if it cares."""


class Audience:
    """Tells every listener.

    Args:
        listeners: in the order in which they are told.
    """

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = tuple(listeners)

    def offer(
        self, impression_id: str, request: RecommendRequest, answer: Recommendations, pipeline: PipelineProtocol
    ) -> None:
        """Tell all of a list."""
        for listener in self._listeners:
            listener.offer(impression_id, request, answer, pipeline)
