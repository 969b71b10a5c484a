"""Lists that were shown are kept at their rate, off the way of the requests, whatever the disk does."""

import logging
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from calls import SETTINGS, refusal, serving
from fakes import FakePipeline
from valid_requests import batch, recommend, session_event

from shortlist.v1 import recommend_pb2, recommender_service_pb2_grpc
from shortlist_bundle.impressions.encoding import read_impression, write_impression
from shortlist_bundle.impressions.reading import IMPRESSIONS, read_impressions
from shortlist_server.impressions.sampling import Sampling, impression_of
from shortlist_server.impressions.writing import Writing
from shortlist_server.pipeline.reply import ExplorationReport
from shortlist_server.pipeline.request import RecommendRequest


@contextmanager
def live(folder, rate=1.0):
    with serving(FakePipeline(), replace(SETTINGS, log=folder, impressions=rate)) as (server, channel):
        yield server, recommender_service_pb2_grpc.RecommenderServiceStub(channel)


def test_a_list_is_kept_as_it_was_shown(tmp_path):
    with live(tmp_path) as (_, stub):
        reply = stub.Recommend(recommend(placement="home"), timeout=30.0)
    (kept,) = read_impressions(tmp_path)
    assert kept.impression_id == reply.impression_id
    assert list(kept.item_ids) == list(reply.item_ids)
    assert list(kept.scores) == pytest.approx(list(reply.scores))
    assert (kept.customer_id, kept.placement, kept.bundle_id) == ("ann", "home", reply.bundle.id)
    assert (kept.rate, kept.dropped, kept.policy) == (1.0, 0, "none")
    assert kept.as_of == reply.as_of
    assert kept.context == {"device": "phone", "hour": 7}
    assert kept.propensity(0) == 1.0


def test_what_was_drawn_is_kept_with_its_probabilities(tmp_path):
    drawn = ExplorationReport(
        policy="thompson", seed=2**64 - 1, strength=1.0, temperature=1.0, slots=(), propensities=(0.5, 0.25),
        standard_errors=(0.01, 0.02),
    )  # fmt: skip
    sampling, (answer,) = Sampling(1.0), FakePipeline().recommend([RecommendRequest(customer_id="ann", k=2)])
    sampling.offer("one", RecommendRequest(customer_id="ann"), replace(answer, exploration=drawn), FakePipeline())
    (kept,) = [impression_of(shown, 1.0) for shown in sampling.taken()]
    assert (kept.policy, kept.seed, kept.propensities, kept.standard_errors) == (
        "thompson", 2**64 - 1, (0.5, 0.25), (0.01, 0.02)
    )  # fmt: skip
    assert read_impression(write_impression(kept)) == kept


def test_every_way_to_a_list_is_kept(tmp_path):
    opening = recommend_pb2.StreamRecommendRequest(open=recommend())
    call = recommend_pb2.StreamedCall(id=1, request=recommend())
    calls = recommend_pb2.StreamRecommendRequest(calls=recommend_pb2.StreamedCalls(calls=[call]))
    with live(tmp_path) as (_, stub):
        rows = stub.BatchRecommend(batch(), timeout=30.0).results
        shown = [row.list.impression_id for row in rows]
        session = stub.StreamRecommend(iter([opening, session_event()]), timeout=30.0)
        shown += [answer.list.impression_id for answer in session]
        for answers in stub.StreamRecommend(iter([calls]), timeout=30.0):
            shown += [one.list.impression_id for one in answers.answers]
    assert len(shown) == 5
    assert sorted(one.impression_id for one in read_impressions(tmp_path)) == sorted(shown)


def test_a_row_without_a_list_is_no_impression(tmp_path):
    customers = [*batch().customers]
    customers[0].customer_id = "x" * 300
    with live(tmp_path) as (_, stub):
        rows = stub.BatchRecommend(batch(customers=customers), timeout=30.0).results
    assert rows[0].HasField("status")
    assert [one.impression_id for one in read_impressions(tmp_path)] == [rows[1].list.impression_id]


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_without_a_log_or_a_rate_nothing_is_kept(tmp_path, rate):
    settings = replace(SETTINGS, log=None if rate else tmp_path, impressions=rate)
    with serving(FakePipeline(), settings) as (server, channel):
        recommender_service_pb2_grpc.RecommenderServiceStub(channel).Recommend(recommend(), timeout=30.0)
        assert server.impressions is None
    assert not (tmp_path / IMPRESSIONS).exists()


def test_the_share_is_that_of_the_rate():
    """20,000 ids as the server makes them: 2,000 expected, standard deviation 42."""
    sampling = Sampling(0.1)
    taken = sum(sampling.takes(f"0123456789abcdef{number:016x}") for number in range(20_000))
    assert abs(taken - 2_000) < 5 * 42


def test_a_file_that_ends_in_half_a_record_is_read_up_to_it(tmp_path):
    with live(tmp_path) as (_, stub):
        for _ in range(3):
            stub.Recommend(recommend(), timeout=30.0)
    (path,) = (tmp_path / IMPRESSIONS).iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    assert len(list(read_impressions(tmp_path))) == 2


@pytest.fixture
def stuck(monkeypatch):
    """Let the disk be stuck until the end of the test."""
    gate, opened = threading.Event(), Writing._open_file

    def wait(self):
        gate.wait(60.0)
        return opened(self)

    monkeypatch.setattr(Writing, "_open_file", wait)
    yield gate
    gate.set()


def test_a_stuck_disk_blocks_nobody_and_the_drops_are_said(tmp_path, stuck, caplog):
    with caplog.at_level(logging.WARNING), live(tmp_path) as (server, stub):
        server.impressions._most = 10
        for _ in range(60):
            stub.Recommend(recommend(), timeout=30.0)
        dropped = server.impressions.dropped
        # One round of the writer may have taken up to ten before it was stuck.
        assert 40 <= dropped <= 50
        assert "dropped" in caplog.text
        stuck.set()
    kept = list(read_impressions(tmp_path))
    assert len(kept) == 60 - dropped


def test_a_list_that_waits_for_the_disk_is_found_out(tmp_path, stuck):
    """The negative control: with a writer in the way of the requests, the test above could not end."""
    with live(tmp_path) as (server, stub):
        server.impressions.offer = lambda *_: stuck.wait(60.0)
        assert refusal(stub.Recommend, recommend(), timeout=0.5).code.name == "DEADLINE_EXCEEDED"
        stuck.set()


def test_what_was_dropped_is_counted_in_the_next_record(tmp_path):
    pipeline = FakePipeline()
    sampling = Sampling(1.0, most=1)
    (answer,) = pipeline.recommend([request := _request()])
    for name in "abc":
        sampling.offer(name, request, answer, pipeline)
    assert [(one.impression_id, one.dropped) for one in sampling.taken()] == [("a", 0)]
    sampling.offer("d", request, answer, pipeline)
    assert [(one.impression_id, one.dropped) for one in sampling.taken()] == [("d", 2)]


def _request():
    return RecommendRequest(customer_id="ann", k=2)
