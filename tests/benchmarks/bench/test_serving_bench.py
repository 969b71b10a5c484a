"""The measurements run to their end on a small drawn bundle, and say what they promise to."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from shortlist.v1 import recommend_pb2
from shortlist_bench.commands import counts_of, index, load, serving
from shortlist_bench.floor import echo_of
from shortlist_bench.peers import CALLERS, lacking, measure_peers, ratios_of
from shortlist_bench.questions import Question, batches_of, read_model, requests_of
from shortlist_bench.scaling import measure_scaling, scaling_ratios
from shortlist_bench.search import measure_search
from shortlist_bench.servers import shortlist_server
from shortlist_bench.synthetic import Size, synthetic_model, write_synthetic
from shortlist_bundle.files import open_bundle
from shortlist_bundle.golden import replay
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.request import RecommendRequest

SMALL = Size(items=400, customers=30, history=12, candidates=60)
QUICK = ("--seconds", "0.3", "--repetitions", "1", "--json")


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    write_synthetic(folder, SMALL)
    return folder


def test_a_drawn_bundle_is_a_bundle_like_any_other(bundles):
    assert replay(open_bundle(bundles)).passed
    pipeline = Pipeline.load(bundles, "default", "stable", ClockPolicy.LOG_END)
    known, stranger = pipeline.recommend(
        [RecommendRequest(customer_id="customer-000000003", k=20), RecommendRequest(k=20)]
    )
    assert known.known_customer
    assert len(known.item_ids) == len(stranger.item_ids) == 20
    assert known.candidates == SMALL.candidates
    taken = pipeline.served.items.ids(pipeline.served.snapshot.histories(np.array([4])).items)
    assert not set(taken) & set(known.item_ids)


def test_the_same_seed_draws_the_same_bundle():
    one, other = (synthetic_model(SMALL, seed=3)[0] for _ in range(2))
    np.testing.assert_array_equal(one.engine.retriever.tower_items.vectors, other.engine.retriever.tower_items.vectors)
    np.testing.assert_array_equal(one.snapshot.events.items, other.snapshot.events.items)


def test_questions_name_customers_or_describe_them(bundles):
    model = synthetic_model(SMALL)[0]
    known = [recommend_pb2.RecommendRequest.FromString(raw) for raw in requests_of(model, Question())]
    assert len({one.customer_id for one in known}) == len(known) == SMALL.customers
    described = [
        recommend_pb2.RecommendRequest.FromString(raw)
        for raw in requests_of(model, Question(known=False, source="two_tower", k=7))
    ]
    assert all(one.profile.features and not one.customer_id and one.k == 7 for one in described)
    assert {one.sources[0].source for one in described} == {"two_tower"}
    batches = [recommend_pb2.BatchRecommendRequest.FromString(raw) for raw in batches_of(model, Question(), 8)]
    assert {len(batch.customers) for batch in batches} == {8}


def test_the_floor_builds_a_reply_as_large_as_the_real_one():
    like = recommend_pb2.RecommendResponse(
        item_ids=["a", "b"], scores=[1.0, 0.5], source_masks=[1, 3], sources=["two_tower"], candidate_count=2,
        known_customer=True, bundle={"id": "0123"}, impression_id="4567", as_of=3.0, clock="CLOCK_LOG_END",
    )  # fmt: skip
    raw = recommend_pb2.RecommendRequest(customer_id="one").SerializeToString()
    assert recommend_pb2.RecommendResponse.FromString(echo_of(like.SerializeToString())(raw)) == like


def run(command, *arguments):
    outcome = CliRunner().invoke(command, [*arguments], catch_exceptions=False)
    assert outcome.exit_code == 0
    return json.loads(outcome.stdout)["figures"]


def test_serving_is_measured_beside_its_floor(bundles):
    figures = run(serving, "--bundles", str(bundles), "-k", "10", *QUICK)
    for name in ("echo_cpu_ms", "unary_cpu_ms", "batch_cpu_ms_per_customer", "p50_ms", "p99_ms", "qps"):
        assert figures[name] > 0
    assert set(figures["engine_cpu_ms"]) >= {"total", "encode", "retrieve", "rerank"}
    floor = figures["echo_cpu_ms"] + figures["engine_cpu_ms"]["total"]
    assert figures["ratio_to_floor"] == pytest.approx(figures["unary_cpu_ms"] / floor)
    assert len(figures["private_mb"]) == 1


@pytest.mark.slow
def test_further_workers_are_measured_beside_the_first_and_share_what_the_bundle_holds(bundles):
    model = read_model(bundles)
    requests, batches = requests_of(model, Question(k=10)), batches_of(model, Question(k=10), 8)
    found = measure_scaling(bundles, (1, 2), requests, batches, 0.3)
    assert list(found) == ["1", "2"]
    for count in (1, 2):
        figures = found[str(count)]
        for memory in figures["memory"].values():
            for name in ("resident_mb", "shared_mb", "private_mb", "private_dirty_mb"):
                assert len(memory[name]) == count
            for resident, shared, private in zip(
                memory["resident_mb"], memory["shared_mb"], memory["private_mb"], strict=True
            ):
                # Looked at one after the other, while the server may still hand something back.
                assert shared + private == pytest.approx(resident, rel=0.1)
        for way in ("unary", "stream", "batch"):
            assert figures[way]["qps"] > 0 < figures[way]["cpu_ms"]
            assert sum(figures[way]["worker_shares"]) == pytest.approx(1)
    ratios = scaling_ratios(found, (1, 2))
    assert ratios["2"]["unary"]["qps"] == found["2"]["unary"]["qps"] / found["1"]["unary"]["qps"]


def test_a_search_is_measured_with_what_it_finds(bundles):
    found = measure_search(bundles)
    assert found["recall_at_200"] == 1.0  # so few items have no index
    assert found["search_us"] > 0


def test_a_peer_does_the_same_work_beside_our_own_answers(bundles):
    pytest.importorskip("mosec")
    requests = requests_of(read_model(bundles), Question(k=10, known=False))
    with shortlist_server(bundles, "--waiting", str(2 * CALLERS)) as ours:
        found = measure_peers(("mosec",), bundles, ours, requests, 0.3)
    for name in ("shortlist_stream", "shortlist_unary", "mosec"):
        assert found[name]["cpu_ms"] > 0 < found[name]["qps"]
    assert ratios_of(found)["mosec"] == found["shortlist_stream"]["cpu_ms"] / found["mosec"]["cpu_ms"]


def test_a_peer_that_is_not_installed_is_left_out_with_a_word(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert lacking("mosec") == "not installed: mosec, msgpack; pip install 'shortlist[peers]'"
    assert ratios_of({"shortlist_stream": {"cpu_ms": 1.0}, "mosec": {"skipped": lacking("mosec")}}) == {}


@pytest.mark.parametrize(("text", "counts"), [("1", (1,)), ("1,2", (1, 2)), ("2,1,64", (2, 1, 64))])
def test_numbers_of_workers_stand_with_commas_between(text, counts):
    assert counts_of(None, None, text) == counts


@pytest.mark.parametrize("text", ["", "0", "65", "1,", "1,1", "two", "-1"])
def test_what_is_no_number_of_workers_is_refused(text):
    outcome = CliRunner().invoke(serving, ["--workers", text])
    assert outcome.exit_code == 2
    assert "is not a number from 1 to 64" in outcome.stderr


def test_a_load_that_does_not_wait_is_measured_from_when_it_was_due(bundles):
    figures = run(load, "--bundles", str(bundles), "-k", "10", *QUICK)
    assert figures["capacity_qps"] > 0
    for share in ("at_0.5", "at_0.8"):
        assert figures[share]["answered"] > 0
        assert figures[share]["latency_ms"]["p50"] <= figures[share]["latency_ms"]["p99"]


def test_every_index_is_measured_beside_exact_search():
    rows = run(index, "--items", "1500", "--depth", "20", "--dearest", "9", "--json")["indexes"]
    assert {"exact", "PQ64x4fs"} <= {row["index"] for row in rows}
    assert [row["reckoned_us"] for row in rows] == sorted(row["reckoned_us"] for row in rows)
    assert all(0 <= row["recall"] <= 1 and row["search_us"] > 0 for row in rows)
    assert next(row["recall"] for row in rows if row["index"] == "exact") == 1.0
