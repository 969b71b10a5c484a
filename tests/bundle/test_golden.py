"""Golden requests: what they ask, that a whole bundle passes them, and that a changed weight does not."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import CUSTOMERS, RATINGS, bare_model, context_model, model_of

from shortlist_bundle.files import BundleContents, open_bundle, write_bundle
from shortlist_bundle.golden import ask, replay
from shortlist_bundle.packing import pack_model
from shortlist_bundle.packing.parts import Parts
from shortlist_bundle.state.histories import Histories


def reader_of(parts, folder):
    ref = write_bundle(folder, "default", BundleContents(arrays=parts.arrays, documents=parts.documents))
    return open_bundle(folder, "default", ref.version)


def published(model, folder):
    parts, golden = pack_model(model), ask(model)
    return reader_of(Parts(arrays={**parts.arrays, **golden.arrays}, documents=parts.documents), folder)


@pytest.fixture
def reader(tmp_path):
    return published(model_of(ratings=RATINGS["scorer"]()), tmp_path)


MODELS = {
    "engine": model_of,
    "no features at all": bare_model,
    "context": context_model,
    "no times": lambda: model_of(has_times=False),
    **{f"{name} ratings": lambda make=make: model_of(engine=False, ratings=make()) for name, make in RATINGS.items()},
}


@pytest.mark.parametrize("name", MODELS)
def test_a_bundle_answers_as_it_did(name, tmp_path):
    report = replay(published(MODELS[name](), tmp_path))
    assert report.passed
    assert list(report.lines) == ["golden requests: all answers are as they were"]


def test_they_are_asked_of_known_customers_and_of_strangers_with_a_history(reader):
    golden = reader.arrays("golden")
    assert 2 <= len(golden["rows"]) <= CUSTOMERS
    assert (golden["rows"] == 0).any()
    assert (golden["rows"] > 0).any()
    assert np.diff(golden["offsets"]).all()


def test_they_hold_vectors_candidates_scores_and_ratings(reader):
    assert {"vectors", "candidates-seen-allowed", "scores-unseen-only", "ratings"} <= reader.arrays("golden").keys()


PARTS = {
    "tower": lambda model: model.engine.retriever.tower.mixes,
    "tower's history items": lambda model: model.engine.retriever.tower.history_items,
    "tower's features": lambda model: model.engine.retriever.tower.features.kernel,
    "item vectors": lambda model: model.engine.retriever.tower_items.vectors,
    "embedding": lambda model: model.engine.retriever.embedding.customers,
    "neighbours": lambda model: model.engine.retriever.counting["item_cf"].weights,
    "counts": lambda model: model.engine.retriever.counts.cumulative,
    "scorer's items": lambda model: model.engine.reranker.scorer.item_half,
    "scorer's signals": lambda model: model.engine.reranker.scorer.signal_kernel,
    "scorer's last layer": lambda model: model.engine.reranker.scorer.layers[-1].kernel,
    "signal scale": lambda model: model.engine.reranker.signal_scale,
    "ratings": lambda model: model.ratings.scorer.item_half,
}


@pytest.mark.parametrize("part", PARTS)
def test_a_changed_weight_is_another_answer(part, reader):
    changed = model_of(ratings=RATINGS["scorer"]())
    weights = PARTS[part](changed)
    # The weight that matters most; of some parts one alone is not asked for by eight questions.
    weights[np.unravel_index(np.abs(weights).argmax(), weights.shape)] *= 3
    weights[1:] *= 1.5
    report = replay(reader, changed)
    assert not report.passed
    assert all(line.startswith("golden ") for line in report.lines)


@pytest.mark.parametrize("part", ["tower", "scorer's signals", "scorer's last layer"])
def test_one_changed_number_is_enough(part, reader):
    changed = model_of(ratings=RATINGS["scorer"]())
    weights = PARTS[part](changed)
    weights[np.unravel_index(np.abs(weights).argmax(), weights.shape)] += 1
    assert not replay(reader, changed).passed


def test_what_an_unsaid_context_adds_is_part_of_the_answer(tmp_path):
    reader = published(context_model(), tmp_path)
    changed = context_model()
    changed.engine.retriever.tower.context.kernel[1] += 1
    assert not replay(reader, changed).passed


@pytest.mark.parametrize("part", ["tower", "scorer's last layer", "ratings"])
def test_weights_that_are_no_numbers_are_another_answer(part, reader):
    changed = model_of(ratings=RATINGS["scorer"]())
    PARTS[part](changed)[:] = np.nan
    with np.errstate(invalid="ignore"):
        assert not replay(reader, changed).passed


def test_other_shapes_are_another_answer(reader):
    changed = model_of(ratings=RATINGS["scorer"]())
    engine = changed.engine
    engine.depths = {True: dict.fromkeys(engine.depths[True], 1), False: engine.depths[False]}
    report = replay(reader, changed)
    assert any("shape" in line for line in report.lines)


def test_a_log_without_any_history_has_golden_requests_too(tmp_path):
    model = model_of()
    empty = replace(model, snapshot=replace(model.snapshot, events=Histories.empty(CUSTOMERS + 1)))
    assert replay(published(empty, tmp_path)).passed
