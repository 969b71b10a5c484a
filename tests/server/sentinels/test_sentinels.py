"""The thread that looks again: what it counts, what it does, what it costs, and what it must not hold on to."""

import gc
import logging
import weakref
from dataclasses import replace

import pytest
from fakes import FakePipeline
from indexed_models import indexed_pipeline
from prometheus_client import CollectorRegistry
from small_models import LOG_END, customer, item, pipeline_of

from shortlist_bundle.changes.change import EventRecorded
from shortlist_bundle.changes.memory import MemoryLog
from shortlist_server.loaded import Loaded
from shortlist_server.pipeline.live import LivePipeline
from shortlist_server.pipeline.request import Event, Profile, RecommendRequest, Seen
from shortlist_server.sentinels.measures import SentinelMeasures
from shortlist_server.sentinels.sampling import Samples
from shortlist_server.sentinels.sentinels import Sentinels
from shortlist_server.sentinels.settings import SentinelSettings

CLOSE = SentinelSettings(rate=1.0, searches=5, lists=5, budget=1e6, every=0.0)
ASKED = [RecommendRequest(customer_id=customer(n), k=5, seen=Seen.INCLUDE) for n in range(1, 6)]


class Watching:
    """Sentinels that a test drives by hand."""

    def __init__(self, pipeline, settings=CLOSE, **options):
        self.loaded, self.samples, self.registry = Loaded(), Samples(settings.rate, **options), CollectorRegistry()
        self.loaded.put(pipeline)
        self.sentinels = Sentinels(self.loaded, self.samples, settings, SentinelMeasures(self.registry))

    def ask(self, requests=ASKED, pipeline=None):
        pipeline = pipeline or self.loaded.current()
        for request, answer in zip(requests, pipeline.recommend(requests), strict=True):
            self.samples.offer("id", request, answer, pipeline)

    def look(self, rounds=1):
        for _ in range(rounds):
            self.sentinels.look()

    @property
    def report(self):
        return self.sentinels.report(self.loaded.current().bundle_id)

    def value(self, name, **labels):
        return self.registry.get_sample_value(name, labels)


def test_below_the_floor_it_searches_deeper_says_so_and_stops_at_the_bound(caplog):
    pipeline = indexed_pipeline()
    watching = Watching(pipeline, replace(CLOSE, floor=1.01))
    depths = []
    for _ in range(6):
        watching.ask()
        watching.look()
        depths.append(pipeline.search_depth)
    assert depths == [2.0, 4.0, 8.0, 8.0, 8.0, 8.0]
    assert watching.report.search_depth == 8.0
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 3
    assert "searched 2 times as deep from now on: recall" in caplog.text
    assert any("8 times as deep" in warning for warning in watching.report.warnings)
    assert watching.value("shortlist_search_depth", arm="stable") == 8.0


def test_above_the_floor_nothing_is_changed():
    pipeline = indexed_pipeline(probes=10)
    watching = Watching(pipeline)
    for _ in range(3):
        watching.ask()
        watching.look()
    assert pipeline.search_depth == 1.0
    (recall,) = watching.report.recall
    assert (recall.space, recall.allowed, recall.searches, recall.recall) == ("two_tower", "90-100%", 15, 1.0)
    labels = {"space": "two_tower", "allowed": "90-100%"}
    found, wanted = (watching.value(f"shortlist_search_{name}_items_total", **labels) for name in ("found", "wanted"))
    assert found == wanted > 0
    assert not watching.report.warnings


def test_too_few_searches_prove_nothing():
    pipeline = indexed_pipeline()
    watching = Watching(pipeline, replace(CLOSE, searches=6, floor=1.01))
    watching.ask()
    watching.look()
    assert pipeline.search_depth == 1.0


def test_the_depth_holds_as_the_log_moves_on():
    live = LivePipeline(indexed_pipeline(), MemoryLog())
    watching = Watching(live, replace(CLOSE, floor=1.01))
    watching.ask()
    watching.look()
    live.record([EventRecorded(event_id="e", customer_id=customer(1), item_id=item(3), timestamp=LOG_END)])
    assert live.current.search_depth == 2.0
    assert {answer.search_depth for answer in live.recommend(ASKED)} == {2.0}


def test_what_costs_is_left_out_when_the_budget_is_spent():
    watching = Watching(indexed_pipeline(), replace(CLOSE, budget=1e-9))
    watching.ask()
    watching.look()
    watching.ask()
    watching.look()
    assert watching.report.lists == 10
    assert sum(one.searches for one in watching.report.recall) <= 1
    assert watching.value("shortlist_sentinel_samples_total", outcome="searches_left_out") >= 9


def test_a_full_queue_drops_and_counts_and_nobody_waits():
    watching = Watching(pipeline_of(), most=3)
    watching.ask()
    assert watching.samples.dropped == 2
    watching.look()
    assert (watching.report.lists, watching.report.dropped) == (3, 2)
    assert watching.value("shortlist_sentinel_samples_total", outcome="dropped") == 2


@pytest.mark.parametrize(("rate", "least", "most"), [(0.0, 0, 0), (0.1, 40, 260), (1.0, 1_000, 1_000)])
def test_a_share_of_the_lists_is_looked_at(rate, least, most):
    samples, pipeline = Samples(rate), pipeline_of()
    (answer,) = pipeline.recommend(ASKED[:1])
    for _ in range(1_000):
        samples.offer("id", ASKED[0], answer, pipeline)
    assert least <= len(samples.taken()) <= most


def test_other_pipelines_are_not_watched():
    watching = Watching(FakePipeline())
    watching.ask([RecommendRequest(customer_id="ann")])
    watching.look()
    assert watching.report.lists == 0


def test_nothing_keeps_a_replaced_bundle_in_memory():
    watching = Watching(pipeline_of())
    watching.ask()
    watching.look(2)
    watching.ask()
    gone = weakref.ref(watching.loaded.current())
    other = pipeline_of()
    other.bundle_id = "another"
    watching.loaded.put(other)
    gc.collect()
    assert gone() is None
    watching.look()
    assert watching.value("shortlist_sentinel_samples_total", outcome="gone") == 5
    assert watching.report.lists == 0


def test_shares_of_fallbacks_and_of_what_nobody_knows():
    watching = Watching(pipeline_of())
    history = Profile(history=[Event(item_id=item(3)), Event(item_id="nowhere"), Event(item_id="nothing")])
    watching.ask([RecommendRequest(customer_id="stranger", profile=history)] * 6 + ASKED[:2])
    watching.look()
    report = watching.report
    assert (report.lists, report.unknown_customers) == (8, 6)
    assert (report.history_items, report.unknown_history_items) == (18, 12)
    assert report.fallbacks == {"cold_start:history": 6}
    assert [warning.split(" were")[0] for warning in report.warnings] == [
        "6 of 8 lists", "12 of 18 items of histories are not in the catalogue",
    ]  # fmt: skip
    assert watching.value("shortlist_sentinel_history_items_total", known="no") == 12


def test_drift_of_the_scores_is_nothing_at_first_and_is_found_where_it_is():
    pipeline = pipeline_of()
    watching = Watching(pipeline)
    plain = [RecommendRequest(customer_id=customer(n), k=5) for n in range(1, 6)] * 4
    watching.ask(plain)
    watching.look(3)
    assert watching.report.score_drift < 0.05
    for request, answer in zip(plain, pipeline.recommend(plain), strict=True):
        for _ in range(20):
            moved = replace(answer, scores=[score + 100.0 for score in answer.scores])
            watching.samples.offer("id", request, moved, pipeline)
    watching.look()
    assert watching.report.score_drift > 0.5
    assert "scores have drifted" in watching.report.warnings[0]
    assert watching.value("shortlist_score_drift_bits", arm="stable") == watching.report.score_drift


def test_a_failure_ends_nothing(caplog, monkeypatch):
    watching = Watching(pipeline_of())
    monkeypatch.setattr(watching.sentinels, "_follow", lambda: 1 / 0)
    monkeypatch.setattr("shortlist_server.sentinels.sentinels._PAUSE", 0.01)
    watching.sentinels.start()
    while "have failed" not in caplog.text:
        pass
    assert watching.sentinels._thread.is_alive()
    watching.sentinels.close()
    assert not watching.sentinels._thread.is_alive()
