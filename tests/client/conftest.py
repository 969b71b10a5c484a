import contextlib
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.protobuf import any_pb2
from google.rpc import code_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from shortlist.v1 import (
    encode_pb2,
    feedback_service_pb2,
    feedback_service_pb2_grpc,
    model_service_pb2,
    model_service_pb2_grpc,
    recommend_pb2,
    recommender_service_pb2_grpc,
    reply_pb2,
    score_pb2,
    similar_pb2,
)
from shortlist_client import Client, Retry

END = object()
BUNDLE = reply_pb2.Bundle(model="default", version="v1", id="abc")


class FakeServer(
    recommender_service_pb2_grpc.RecommenderServiceServicer,
    model_service_pb2_grpc.ModelServiceServicer,
    feedback_service_pb2_grpc.FeedbackServiceServicer,
):
    """Keeps every request, answers with what it was told to, else with a plausible default."""

    def __init__(self):
        self.requests = []
        self.streams = 0
        self.answers = deque()
        # Its other way of watching sends while it holds a lock that the end of a call takes, and so hangs for ever.
        self.health = health.HealthServicer(experimental_non_blocking=False)
        self.port = 0
        self.delay = 0.0
        self.free = threading.Event()
        self.free.set()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def request(self):
        return self.requests[-1]

    def answer(self, message):
        self.answers.append(message)

    def refuse(self, code, text="", *details):
        self.answers.append((code, text, details))

    def set_serving(self, serving):
        status = health_pb2.HealthCheckResponse
        self.health.set("", status.SERVING if serving else status.NOT_SERVING)

    def Recommend(self, request, context):
        return self._reply(
            request, context, recommend_pb2.RecommendResponse(item_ids=["i1", "i2"], scores=[0.5, 0.25], bundle=BUNDLE)
        )

    def StreamRecommend(self, requests, context):
        """Answer each message that is not quiet; an answer of `END` ends the stream."""
        for number, request in enumerate(requests):
            self.streams += number == 0
            if request.quiet:
                self.requests.append(request)
                continue
            default = recommend_pb2.RecommendResponse(item_ids=["i1", "i2"], scores=[0.5, 0.25], bundle=BUNDLE)
            answer = self._reply(request, context, default)
            if answer is END:
                return
            yield recommend_pb2.StreamRecommendResponse(list=answer)

    def BatchRecommend(self, request, context):
        rows = [recommend_pb2.BatchRecommendResult(list=recommend_pb2.RecommendResponse()) for _ in request.customers]
        return self._reply(request, context, recommend_pb2.BatchRecommendResponse(results=rows, bundle=BUNDLE))

    def SimilarItems(self, request, context):
        reply = similar_pb2.SimilarItemsResponse(item_ids=["i2"], scores=[0.5], space="two_tower", bundle=BUNDLE)
        return self._reply(request, context, reply)

    def SimilarCustomers(self, request, context):
        reply = similar_pb2.SimilarCustomersResponse(
            customer_ids=["c2", "c3"], scores=[0.5, 0.25], bundle=BUNDLE, as_of=12.0, clock=reply_pb2.CLOCK_REQUEST,
            fallbacks=[reply_pb2.Fallback(code="cold_start:features")],
        )  # fmt: skip
        return self._reply(request, context, reply)

    def Score(self, request, context):
        reply = score_pb2.ScoreResponse(
            item_ids=request.item_ids,
            scores=[0.5] * len(request.item_ids),
            kind=score_pb2.SCORE_KIND_PROBABILITY,
            bundle=BUNDLE,
        )
        return self._reply(request, context, reply)

    def EncodeCustomers(self, request, context):
        reply = encode_pb2.EncodeCustomersResponse(vectors=[1, 2, 3, 4], embedding_size=2, known=[True, False])
        return self._reply(request, context, reply)

    def EncodeItems(self, request, context):
        reply = encode_pb2.EncodeItemsResponse(vectors=[1, 2], embedding_size=2, known=[True])
        return self._reply(request, context, reply)

    def RecordEvents(self, request, context):
        reply = feedback_service_pb2.RecordEventsResponse(outcomes=[1] * len(request.events), position="1")
        return self._reply(request, context, reply)

    def RecordEventStream(self, requests, context):
        rows = sum(len(request.events) for request in requests)
        reply = feedback_service_pb2.RecordEventStreamResponse(recorded_count=rows, position="1")
        return self._reply(None, context, reply)

    def DescribeModel(self, request, context):
        return self._reply(request, context, model_service_pb2.DescribeModelResponse(bundle=BUNDLE, item_count=3))

    def _reply(self, request, context, default):
        self.requests.append(request)
        time.sleep(self.delay)
        self.free.wait(60.0)
        answer = self.answers.popleft() if self.answers else default
        if isinstance(answer, tuple):
            code, text, details = answer
            trailer = status_of(code, text, *details).SerializeToString()
            context.set_trailing_metadata((("grpc-status-details-bin", trailer),))
            context.abort(code, text)
        return answer


def status_of(code, text, *details):
    packed = []
    for detail in details:
        packed.append(any_pb2.Any())
        packed[-1].Pack(detail)
    return status_pb2.Status(code=code_pb2.Code.Value(code.name), message=text, details=packed)


@contextlib.contextmanager
def running(credentials=None):
    """A fake server on a free port; SO_REUSEPORT is off so that two of them never share one."""
    fake = FakeServer()
    server = grpc.server(ThreadPoolExecutor(16), options=[("grpc.so_reuseport", 0)])
    recommender_service_pb2_grpc.add_RecommenderServiceServicer_to_server(fake, server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(fake, server)
    feedback_service_pb2_grpc.add_FeedbackServiceServicer_to_server(fake, server)
    health_pb2_grpc.add_HealthServicer_to_server(fake.health, server)
    address = "127.0.0.1:0"
    fake.port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    server.start()
    try:
        yield fake
    finally:
        server.stop(None).wait()


@pytest.fixture
def fake_servers():
    """Makes fake servers that stop with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda credentials=None: stack.enter_context(running(credentials))


@pytest.fixture
def fake(fake_servers):
    return fake_servers()


@pytest.fixture
def client(fake):
    with Client(fake.address, timeout=30.0, retry=Retry(initial_backoff=0.01, max_backoff=0.02)) as shortlist:
        yield shortlist


@pytest.fixture
def end():
    return END


@pytest.fixture
def row_status():
    return status_of
