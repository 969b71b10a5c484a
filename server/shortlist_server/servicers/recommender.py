"""RecommenderService."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from google.protobuf.message import Message

from shortlist.v1 import encode_pb2, recommend_pb2, recommender_service_pb2, reply_pb2, score_pb2, similar_pb2
from shortlist_bundle.changes.log import START, Position
from shortlist_server.audience import Listener
from shortlist_server.errors import FeatureOff, ServerError
from shortlist_server.gathering import Gathering
from shortlist_server.interceptors.request_ids import current_request_id
from shortlist_server.limits import LIMITS, Limits
from shortlist_server.loaded import Loaded
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.pipeline.reply import Recommendations
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.servicers.handlers import Behaviour
from shortlist_server.wire.replies import (
    write_bundle,
    write_customer_vectors,
    write_item_vectors,
    write_recommendations,
    write_scores,
    write_similar_customers,
    write_similar_items,
)
from shortlist_server.wire.requests import (
    read_batch,
    read_encode_customers,
    read_encode_items,
    read_recommend,
    read_score,
    read_similar_customers,
    read_similar_items,
)
from shortlist_server.wire.settings import check_placement
from shortlist_server.wire.status import write_status


class Addressed(Protocol):
    """A request, which names the model and the placement it is meant for."""

    @property
    def model(self) -> str:
        """Name of the model; empty for the default."""

    @property
    def placement(self) -> str:
        """Name of the placement; empty for the default."""


class RecommenderServicer:
    """Answers from the pipeline that is loaded when the request arrives."""

    SERVICE = recommender_service_pb2.DESCRIPTOR.services_by_name["RecommenderService"]

    def __init__(
        self,
        loaded: Loaded,
        *,
        gathering: Gathering,
        encode_api: bool = False,
        limits: Limits = LIMITS,
        audience: Listener | None = None,
    ) -> None:
        """Serve the pipeline that `loaded` holds; without `encode_api` vectors stay inside."""
        self._audience = audience
        self._gathering = gathering
        self._loaded = loaded
        self._encode_api = encode_api
        self._limits = limits

    def behaviours(self) -> Mapping[str, Behaviour]:
        """Return what each method does; methods that are missing here are not built yet."""
        return {
            "Recommend": self.recommend,
            "BatchRecommend": self.batch_recommend,
            "SimilarItems": self.similar_items,
            "SimilarCustomers": self.similar_customers,
            "Score": self.score,
            "EncodeCustomers": self.encode_customers,
            "EncodeItems": self.encode_items,
        }

    def reach(self, message: Addressed, position: Position, timeout: float | None) -> None:
        """Wait until the pipeline that a request asks has reached a position of the log."""
        self._pipeline(message).reach(position, timeout)

    def recommend(self, message: recommend_pb2.RecommendRequest) -> Message:
        """Make one list."""
        pipeline = self._pipeline(message, message.customer_id)
        request = read_recommend(message, self._limits)
        _reached(pipeline, [request])
        answer = self._gathering.recommend(pipeline, request)
        reply = write_recommendations(answer, write_bundle(pipeline), include_timings=message.include_timings)
        if self._audience is not None:
            self._audience.offer(reply.impression_id, request, answer, pipeline)
        return reply

    def batch_recommend(self, message: recommend_pb2.BatchRecommendRequest) -> Message:
        """Make one list for each customer; a bad row carries its own status."""
        pipeline = self._pipeline(message, "")
        rows = read_batch(message, self._limits)
        requests = [row for row in rows if not isinstance(row, ServerError)]
        _reached(pipeline, requests)
        found = pipeline.recommend(requests) if requests else ()
        answers = iter(found)
        bundle = write_bundle(pipeline)
        results = [
            _write_row(row if isinstance(row, ServerError) else next(answers), bundle, message.include_timings)
            for row in rows
        ]
        if self._audience is not None:
            lists = (one.list for one, row in zip(results, rows, strict=True) if not isinstance(row, ServerError))
            for request, answer, shown in zip(requests, found, lists, strict=True):
                if not isinstance(answer, ServerError):
                    self._audience.offer(shown.impression_id, request, answer, pipeline)
        return recommend_pb2.BatchRecommendResponse(results=results, bundle=bundle)

    def similar_items(self, message: similar_pb2.SimilarItemsRequest) -> Message:
        """Find the items nearest to one."""
        pipeline = self._pipeline(message, "")
        return write_similar_items(
            pipeline.similar_items(read_similar_items(message, self._limits)), write_bundle(pipeline)
        )

    def similar_customers(self, message: similar_pb2.SimilarCustomersRequest) -> Message:
        """Find the customers nearest to one."""
        pipeline = self._pipeline(message, message.customer_id)
        return write_similar_customers(
            pipeline.similar_customers(read_similar_customers(message, self._limits)), write_bundle(pipeline)
        )

    def score(self, message: score_pb2.ScoreRequest) -> Message:
        """Predict what a customer would make of items."""
        pipeline = self._pipeline(message, message.customer_id)
        return write_scores(pipeline.score(read_score(message, self._limits)), write_bundle(pipeline))

    def encode_customers(self, message: encode_pb2.EncodeCustomersRequest) -> bytes:
        """Give the vectors of customers."""
        self._check_encode_api("EncodeCustomers")
        pipeline = self._pipeline(message)
        vectors = pipeline.encode_customers(read_encode_customers(message, self._limits))
        return write_customer_vectors(vectors, write_bundle(pipeline))

    def encode_items(self, message: encode_pb2.EncodeItemsRequest) -> bytes:
        """Give the vectors of items."""
        self._check_encode_api("EncodeItems")
        pipeline = self._pipeline(message)
        return write_item_vectors(
            pipeline.encode_items(read_encode_items(message, self._limits)), write_bundle(pipeline)
        )

    def _pipeline(self, message: Addressed, customer_id: str | None = None) -> PipelineProtocol:
        """Return what answers a message as a whole; without a customer's id, not even an empty one, the stable bundle.

        Vectors of two bundles cannot be compared, so those that are handed out all come from one.
        """
        arms = self._loaded.arms()
        key = (customer_id or current_request_id()) if arms.canary and customer_id is not None else ""
        pipeline = arms.of_model(message.model, key)
        check_placement(message.placement, pipeline.placements)
        return pipeline

    def _check_encode_api(self, method: str) -> None:
        if not self._encode_api:
            raise FeatureOff(method, "is switched off on this server; start it with --encode-api")


def _write_row(
    answer: Recommendations | ServerError, bundle: reply_pb2.Bundle, include_timings: bool
) -> recommend_pb2.BatchRecommendResult:
    if isinstance(answer, ServerError):
        return recommend_pb2.BatchRecommendResult(status=write_status(answer))
    return recommend_pb2.BatchRecommendResult(
        list=write_recommendations(answer, bundle, include_timings=include_timings)
    )


def _reached(pipeline: PipelineProtocol, requests: Sequence[RecommendRequest]) -> None:
    """Bring what answers up to the position that requests name.

    They have waited for it, but perhaps for the bundle that served then: a canary, or one that was swapped in since,
    follows the log by itself. What the log has by now is read at once.
    """
    # All requests of a message name the same one.
    if requests and requests[0].after > START:
        pipeline.reach(requests[0].after, None)
