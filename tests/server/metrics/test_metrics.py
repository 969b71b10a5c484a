"""What Prometheus is told: counts of one server and of several, and nothing of any customer."""

import urllib.request
from contextlib import contextmanager
from dataclasses import replace

import grpc
import pytest
from calls import SETTINGS, refusal, serving
from fakes import FakePipeline
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.parser import text_string_to_metric_families
from talk import talking
from valid_requests import batch, recommend

from shortlist.v1 import recommend_pb2, recommender_service_pb2_grpc
from shortlist_server.errors import CannotServe
from shortlist_server.metrics.exporting import Exporting
from shortlist_server.metrics.summing import counters_of, summed, tally_of


def read(address):
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=60) as answer:
        text = answer.read().decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return text, {(one.name, *sorted(one.labels.values())): one.value for one in samples}


@contextmanager
def exported(settings=SETTINGS):
    with serving(FakePipeline(), settings) as (server, channel):
        exporting = Exporting("127.0.0.1:0", lambda: tally_of(server.measures.registry))
        try:
            yield recommender_service_pb2_grpc.RecommenderServiceStub(channel), channel, exporting.address
        finally:
            exporting.close()


def test_calls_and_lists_are_counted_and_nobody_is_named():
    with exported() as (stub, channel, address):
        for customer in ("ann", "ann", "a-secret-stranger"):
            stub.Recommend(recommend(customer_id=customer), timeout=60.0)
        stub.Recommend(recommend(customer_id="ann", exclude_item_ids=["apple", "bread", "cheese"]), timeout=60.0)
        refusal(stub.Recommend, recommend(k=0))
        refusal(stub.Recommend, recommend(customer_id="another-secret", require_known=True))
        refusal(stub.Recommend, recommend(customer_id="defect"))
        stub.BatchRecommend(batch(), timeout=60.0)
        with talking(channel, timeout=60.0) as talk:
            talk.say(open=recommend_pb2.RecommendRequest(customer_id="ann", k=3))
            talk.hear()
        text, values = read(address)
    method = "RecommenderService/Recommend"
    assert values["shortlist_requests_total", "OK", method] == 4
    assert values["shortlist_requests_total", "INVALID_ARGUMENT", method] == 1
    assert values["shortlist_requests_total", "NOT_FOUND", method] == 1
    assert values["shortlist_requests_total", "INTERNAL", method] == 1
    assert values["shortlist_request_seconds_count", method] == 7
    assert 0 < values["shortlist_request_seconds_sum", method] < 60
    lists = 4 + len(batch().customers) + 1
    assert values["shortlist_lists_total",] == lists
    assert values["shortlist_empty_lists_total",] == 1
    assert (
        values["shortlist_unknown_customer_lists_total",] == values["shortlist_fallbacks_total", "cold_start:features"]
    )
    assert values["shortlist_bundle_info", "b" * 16, "default", "stable", "v1"] == 1
    for secret in ('"ann"', "secret", "apple", "created"):
        assert secret not in text


def test_a_stream_is_counted_when_it_ends():
    with exported() as (_, channel, address):
        with talking(channel, timeout=60.0) as talk:
            talk.say(open=recommend_pb2.RecommendRequest(customer_id="ann", k=3))
            talk.hear()
            talk.say(open=recommend_pb2.RecommendRequest(customer_id="ann", k=3))
            with pytest.raises(grpc.RpcError):
                talk.hear()
        values = read(address)[1]
    assert values["shortlist_requests_total", "INVALID_ARGUMENT", "RecommenderService/StreamRecommend"] == 1


def test_labels_stay_few_whatever_falls_back():
    from shortlist_server.loaded import Loaded
    from shortlist_server.metrics.serving_measures import ServingMeasures

    measures, pipeline = ServingMeasures(Loaded()), FakePipeline()
    (answer,) = pipeline.recommend([recommend_request()])
    for number in range(500):
        measures.offer("id", recommend_request(), replace(answer, fallbacks=(f"code-{number}",)), pipeline)
    labels = [key for family in tally_of(measures.registry) if family.name == "shortlist_fallbacks"
              for key in family.values]  # fmt: skip
    assert len(labels) == 41
    assert measures.registry.get_sample_value("shortlist_fallbacks_total", {"code": "other"}) == 460


def recommend_request():
    from shortlist_server.pipeline.request import RecommendRequest

    return RecommendRequest(customer_id="ann")


def process(requests, depth, seconds=0.01):
    registry = CollectorRegistry()
    Counter("requests", "R.", ["code"], registry=registry).labels("OK").inc(requests)
    Histogram("wait", "W.", buckets=(0.1, 1.0), registry=registry).observe(seconds)
    Gauge("depth", "D.", registry=registry).set(depth)
    Gauge("bundle_info", "B.", ["bundle"], registry=registry).labels("b").set(1)
    return tally_of(registry)


def values_of(tally):
    return {name: value for family in tally for (name, _), value in family.values.items() if "bucket" not in name}


def test_counts_of_processes_add_up_and_of_others_the_largest_is_told():
    both = summed([process(3, 1.0, 0.5), process(4, 8.0, 0.01)])
    assert values_of(both) == {
        "requests_total": 7.0, "wait_count": 2.0, "wait_sum": 0.51, "depth": 8.0, "bundle_info": 2.0,
    }  # fmt: skip
    (wait,) = (family for family in both if family.name == "wait")
    assert {dict(labels)["le"]: value for (name, labels), value in wait.values.items() if "bucket" in name} == {
        "0.1": 1.0, "1.0": 2.0, "+Inf": 2.0,
    }  # fmt: skip


def test_what_a_process_has_counted_outlives_it():
    ended = counters_of(process(3, 8.0))
    assert values_of(summed([ended, process(1, 1.0)]))["requests_total"] == 4.0
    assert values_of(summed([ended, process(1, 1.0)]))["depth"] == 1.0
    assert summed([]) == []


def test_an_address_that_is_taken_is_told():
    first = Exporting("127.0.0.1:0", list)
    try:
        with pytest.raises(CannotServe, match="choose another --metrics"):
            Exporting(first.address, list)
    finally:
        first.close()
