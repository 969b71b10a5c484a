"""Bundles swapped under load: no call fails, and no answer mixes two of them."""

import gc
import threading
import time
import weakref
from dataclasses import replace
from itertools import count

import grpc
import pytest
from calls import SETTINGS, listening
from fakes import FakePipeline
from talk import talking

from shortlist.v1 import customer_pb2, recommend_pb2, recommender_service_pb2_grpc
from shortlist_server.loaded import Arms

SECONDS = 2.0
STRANGE = "strange"


class Tagged(FakePipeline):
    """Lists items that carry the name of its version, so that a mixed answer shows."""

    def __init__(self, version):
        super().__init__()
        self.version, self.bundle_id = version, f"id-of-{version}"

    def recommend(self, requests):
        return [
            replace(answer, item_ids=[f"{self.version}-{n}" for n in range(3)], scores=[3.0, 2.0, 1.0])
            for answer in super().recommend(requests)
        ]


class Swapper(threading.Thread):
    """Swaps as fast as it can."""

    def __init__(self, put):
        super().__init__()
        self.swaps, self._put, self._over = 0, put, threading.Event()

    def run(self):
        pipelines = Tagged("one"), Tagged("two")
        while not self._over.wait(0.002):
            self.swaps += 1
            self._put(pipelines[self.swaps % 2])

    def end(self):
        self._over.set()
        self.join()


def whole(found):
    """Whether a list, or every list of a batch, is of the bundle that its message names."""
    versions = {item.split("-")[0] for item in found.item_ids}
    return versions == {found.bundle.version} and found.bundle.id == f"id-of-{found.bundle.version}"


def unary(channel):
    stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
    request = recommend_pb2.RecommendRequest(customer_id="ann", k=3)
    while True:
        yield [stub.Recommend(request, timeout=60.0)]


def batches(channel):
    stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
    customers = [customer_pb2.Customer(customer_id=name) for name in ("ann", "bob", "cleo")]
    while True:
        reply = stub.BatchRecommend(recommend_pb2.BatchRecommendRequest(customers=customers, k=3), timeout=60.0)
        assert {row.list.bundle.version for row in reply.results} == {reply.bundle.version}
        yield [row.list for row in reply.results]


def session(channel):
    with talking(channel, timeout=600.0) as talk:
        talk.say(open=recommend_pb2.RecommendRequest(customer_id="ann", k=3))
        while True:
            yield [talk.hear()]
            talk.say(event="apple")


def shared(channel):
    """Calls of one message are all of one bundle."""
    with talking(channel, timeout=600.0) as talk:
        for number in count():
            calls = [
                recommend_pb2.StreamedCall(id=8 * number + n, request=recommend_pb2.RecommendRequest(customer_id="ann"))
                for n in range(8)
            ]
            talk._said.put(recommend_pb2.StreamRecommendRequest(calls=recommend_pb2.StreamedCalls(calls=calls)))
            answers = []
            while len(answers) < 8:
                answers += next(talk.call).answers
            assert len({answer.list.bundle.version for answer in answers}) == 1
            yield [answer.list for answer in answers]


WAYS = {"unary": unary, "batch": batches, "session": session, "shared": shared}


def under_swaps(put_of, seconds=SECONDS):
    """Call in every way while bundles are swapped; return answers by way, versions seen, what went wrong, swaps."""
    answered, seen, wrong = dict.fromkeys(WAYS, 0), set(), []
    with listening(Tagged("one"), SETTINGS) as (server, address):
        swapper = Swapper(put_of(server))
        end = time.monotonic() + seconds

        def ask(way):
            try:
                with grpc.insecure_channel(address) as channel:
                    for lists in WAYS[way](channel):
                        answered[way] += 1
                        seen.update(one.bundle.version for one in lists)
                        wrong.extend((way, one) for one in lists if not whole(one))
                        if time.monotonic() > end:
                            return
            except Exception as error:
                wrong.append((way, error))

        threads = [threading.Thread(target=ask, args=(way,)) for way in WAYS]
        for thread in (*threads, swapper):
            thread.start()
        for thread in threads:
            thread.join()
        swapper.end()
    return answered, seen, wrong, swapper.swaps


def test_swaps_fail_no_call_and_mix_no_answer():
    answered, seen, wrong, swaps = under_swaps(lambda server: server.put)
    assert not wrong, wrong[:3]
    assert min(answered.values()) >= 10
    assert swaps >= 50
    assert seen == {"one", "two"}


def test_a_swap_that_changes_what_a_request_holds_is_caught():
    """The negative control: the reference stays, what it refers to changes under the requests that hold it."""

    def put_of(server):
        current = server._loaded.current()

        def put(pipeline):
            current.version = pipeline.version
            time.sleep(0.0005)
            current.bundle_id = pipeline.bundle_id

        return put

    _, _, wrong, _ = under_swaps(put_of)
    assert wrong


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_a_customer_stays_with_one_arm_and_the_share_is_kept(share):
    arms = Arms(Tagged("one"), Tagged("two"), share)
    ids = [f"customer-{number}" for number in range(5_000)]
    first = [arms.of(one).version for one in ids]
    assert first == [Arms(Tagged("one"), Tagged("two"), share).of(one).version for one in ids]
    assert first.count("two") / len(ids) == pytest.approx(share, abs=0.015)


def test_each_canary_has_customers_of_its_own():
    ids = [f"customer-{number}" for number in range(2_000)]
    chosen = [
        {one for one in ids if Arms(Tagged("one"), Tagged(version), 0.1).of(one).version == version}
        for version in ("two", "three")
    ]
    assert len(chosen[0] & chosen[1]) < 0.3 * len(chosen[0])


def test_an_idle_session_holds_no_bundle():
    with listening(None, SETTINGS) as (server, address), grpc.insecure_channel(address) as channel:
        server.put(Tagged("one"))
        first = weakref.ref(server._loaded.current())
        with talking(channel) as talk:
            talk.say(open=recommend_pb2.RecommendRequest(customer_id="ann", k=3))
            assert talk.hear().bundle.version == "one"
            server.put(Tagged("two"))
            gc.collect()
            assert first() is None
            talk.say(event="apple")
            assert talk.hear().bundle.version == "two"


def test_requests_without_an_id_are_divided_by_theirs():
    with listening(Tagged("one"), SETTINGS) as (server, address), grpc.insecure_channel(address) as channel:
        server.put(Tagged("one"), Tagged("two"), 0.5)
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        request = recommend_pb2.RecommendRequest(k=3)
        of_id = {
            name: {
                stub.Recommend(request, timeout=60.0, metadata=[("x-request-id", name)]).bundle.version
                for _ in range(3)
            }
            for name in map(str, range(20))
        }
        assert all(len(versions) == 1 for versions in of_id.values())
        assert set().union(*of_id.values()) == {"one", "two"}
