"""From a folder of bundles to a pipeline."""

import time
from dataclasses import replace

import numpy as np
import pytest
from small_models import RATINGS, customer, model_of, pipeline_of

from shortlist_bundle.errors import BundleDamaged, BundleIncompatible, BundleNotFound
from shortlist_bundle.files import BundleContents, promote, write_bundle
from shortlist_bundle.golden import ask
from shortlist_bundle.packing import pack_model
from shortlist_bundle.policy import Placement
from shortlist_bundle.shares import SourceShare
from shortlist_server.errors import BundleRefused
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.loading import load_pipeline
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.request import RecommendRequest


def published(model, folder, golden_of=None):
    parts, golden = pack_model(model), ask(golden_of or model)
    contents = BundleContents(arrays={**parts.arrays, **golden.arrays}, documents=parts.documents, blobs=parts.blobs)
    ref = write_bundle(folder, "default", contents)
    promote(folder, "default", ref.version, alias="stable")
    return ref


@pytest.mark.parametrize("ratings", [None, *RATINGS])
def test_a_loaded_bundle_answers_as_the_model_did(ratings, tmp_path):
    model = model_of(engine=ratings is None, ratings=RATINGS[ratings]() if ratings else None, by_rating=bool(ratings))
    ref = published(model, tmp_path)
    loaded = Pipeline.load(tmp_path, "default", "stable", ClockPolicy.LOG_END)
    assert (loaded.model, loaded.version, loaded.bundle_id) == ("default", ref.version, ref.bundle_id)
    request = RecommendRequest(customer_id=customer(2), k=10)
    found, wanted = loaded.recommend([request])[0], pipeline_of(model).recommend([request])[0]
    assert found.item_ids == wanted.item_ids
    np.testing.assert_allclose(found.scores, wanted.scores, atol=1e-6)


def test_it_says_when_the_bundle_was_made(tmp_path):
    before = time.time()
    published(model_of(), tmp_path)
    created = Pipeline.load(tmp_path, "default", "stable", ClockPolicy.LIVE).description().created
    assert before - 1 <= created <= time.time() + 1


def test_it_says_which_aliases_name_it_now(tmp_path):
    folder = tmp_path / "bundles"
    ref = published(model_of(), folder)
    pipeline = Pipeline.load(folder, "default", "stable", ClockPolicy.LIVE)
    assert pipeline.description().aliases == ("stable",)
    promote(folder, "default", ref.version, alias="canary")
    assert pipeline.description().aliases == ("canary", "stable")
    other = published(model_of(seed=1), folder)
    # `stable` now names the other bundle, though this one still serves.
    assert pipeline.description().aliases == ("canary",)
    assert load_pipeline(folder, "default", other.version, ClockPolicy.LIVE).description().aliases == ("stable",)
    # What serves is in memory: without its folder it serves on, and has no names.
    folder.rename(tmp_path / "elsewhere")
    assert pipeline.description().aliases == ()


def test_a_bundle_that_answers_otherwise_than_it_did_is_refused(tmp_path):
    published(model_of(seed=0), tmp_path, golden_of=model_of(seed=1))
    with pytest.raises(BundleRefused, match="golden"):
        load_pipeline(tmp_path, "default", "stable", ClockPolicy.LOG_END)
    assert load_pipeline(tmp_path, "default", "stable", ClockPolicy.LOG_END, verify=False)


def test_a_placement_that_names_a_source_which_the_bundle_lacks_is_refused(tmp_path):
    for source in ("content", "knowledge", "weather"):
        placement = Placement(sources=(SourceShare(source=source, quota=1),))
        model = model_of()
        published(replace(model, policy=replace(model.policy, placements={"home": placement})), tmp_path / source)
    for source in ("content", "knowledge"):
        assert "home" in load_pipeline(tmp_path / source, "default", "stable", ClockPolicy.LOG_END).placements
    with pytest.raises(BundleIncompatible, match=r"policy\.home\.sources\.weather: .*'weather'.* there are own_past, "):
        load_pipeline(tmp_path / "weather", "default", "stable", ClockPolicy.LOG_END)


def test_a_damaged_bundle_is_refused(tmp_path):
    ref = published(model_of(), tmp_path)
    file = ref.path / "scorer" / "mlp" / "bias.npy"
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    with pytest.raises(BundleDamaged, match=r"scorer/mlp/bias\.npy"):
        load_pipeline(tmp_path, "default", "stable", ClockPolicy.LOG_END)


def test_a_bundle_that_does_not_exist_is_not_found(tmp_path):
    with pytest.raises(BundleNotFound):
        load_pipeline(tmp_path, "default", "stable", ClockPolicy.LOG_END)
