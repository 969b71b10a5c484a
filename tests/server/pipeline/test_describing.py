"""What a bundle says of itself."""

from dataclasses import replace

import faiss
import pytest
from small_models import RATINGS, bare_model, context_model, model_of, pipeline_of

from shortlist_bundle.policy import Placement
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.reply import ClockUsed, ScoreKind


def test_a_bundle_with_an_engine():
    said = pipeline_of().description()
    assert (said.model, said.version, said.bundle_id, said.created) == ("default", "v1", "0123456789abcdef", 1.0)
    assert (said.items, said.customers, said.embedding_size) == (30, 6, 5)
    assert said.interactions == 22
    assert said.sources == ("own_past", "two_tower", "item_cf", "embedding", "popularity", "content")
    assert said.needs_sources == ("knowledge",)
    assert said.placements == {"default": Placement()}
    assert said.spaces == ("two_tower", "embedding", "content", "co_occurrence")
    assert said.attributes == {
        "kind": "category",
        "title": "text",
        "price": "number",
        "since": "time",
        "organic": "flag",
        "tags": "categories",
    }
    assert said.features == {
        "customers": {"age": "number", "town": "category", "tags": "categories"},
        "items": {"price": "number", "title": "text"},
    }
    assert said.log_end == 100.0
    assert said.clock is ClockUsed.LOG_END
    assert said.metrics == {"ndcg@10": 0.25}
    assert said.score_kind is ScoreKind.PROBABILITY
    assert said.repeats
    assert said.index == "exact"
    assert said.index_recall == 1.0


@pytest.mark.parametrize("kind", RATINGS)
def test_a_bundle_that_only_predicts_ratings(kind):
    said = pipeline_of(model_of(engine=False, ratings=RATINGS[kind](), by_rating=True)).description()
    assert said.score_kind is ScoreKind.RATING
    assert (said.sources, said.spaces, said.embedding_size, said.index) == ((), (), 0, "")
    assert said.needs_sources == ("knowledge",)


def test_a_log_without_times_or_features():
    assert pipeline_of(model_of(has_times=False)).description().log_end is None
    said = pipeline_of(bare_model()).description()
    assert said.attributes == {}
    # Nothing can be needed of items without attributes, and the source would refuse whatever is wished for.
    assert said.needs_sources == ()
    assert said.features == {"customers": {}, "items": {}}


def test_a_context_that_is_read_is_named():
    said = pipeline_of(context_model()).description()
    assert said.features["interactions"] == {"hour": "number", "device": "category"}


def test_the_clock_and_the_policy_are_the_ones_in_use():
    said = pipeline_of(model_of(seen_allowed=False), clock=ClockPolicy.LIVE).description()
    assert said.clock is ClockUsed.LIVE
    assert not said.repeats


def test_an_approximate_index_is_named():
    model = model_of()
    vectors = model.engine.retriever.tower_items.vectors
    index = faiss.index_factory(vectors.shape[1], "IVF4,SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[1:])
    index.add(vectors[1:])
    items = ItemVectors(vectors, index=faiss.serialize_index(index), probes=3)
    model.engine.retriever = replace(model.engine.retriever, tower_items=items)
    model = replace(model, figures={"index": {"two_tower": {"index": "IVF4,SQ8", "probes": 3, "recall": 0.97}}})
    said = pipeline_of(model).description()
    assert (said.index, said.index_recall) == ("IVF4,SQ8", 0.97)
    assert said.metrics == {}
