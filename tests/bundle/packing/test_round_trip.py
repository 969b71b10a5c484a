"""A model, packed and unpacked, is the same model down to the last array."""

from dataclasses import fields, is_dataclass, replace
from enum import Enum

import faiss
import numpy as np
import pytest
from arrays import random_batch
from scipy import sparse
from small_models import RATINGS, bare_model, context_model, customer, item, model_of, stepped_calibration

from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.files import BundleContents, open_bundle, write_bundle
from shortlist_bundle.packing import pack_model, unpack_model
from shortlist_bundle.policy import Policy
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_bundle.vocabulary import Vocabulary


def leaves(value, path="model"):
    """Yield every number, text and array inside a model, with the way to it."""
    if isinstance(value, Vocabulary):
        value = value.ids(range(len(value)))
    elif isinstance(value, FeatureEncoder):
        value = value.spec
    elif sparse.issparse(value):
        value = {"indptr": value.indptr, "indices": value.indices, "data": value.data}
    elif isinstance(value, faiss.Index):
        value = faiss.serialize_index(value)
    if isinstance(value, np.ndarray | str | int | float | bool | Enum | None):
        yield path, value
    elif is_dataclass(value):
        for entry in fields(value):
            yield from leaves(getattr(value, entry.name), f"{path}.{entry.name}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}[{key!r}]")
    elif isinstance(value, list | tuple):
        yield f"{path} (length)", len(value)
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{number}]")
    else:
        # What has been computed from the rest does not count.
        yield from leaves({k: v for k, v in vars(value).items() if not k.startswith("_")}, path)


def assert_same(before, after):
    found, wanted = dict(leaves(after)), dict(leaves(before))
    assert found.keys() == wanted.keys()
    for path, value in wanted.items():
        if isinstance(value, np.ndarray):
            assert found[path].shape == value.shape, path
            np.testing.assert_array_equal(found[path], value, path)
        else:
            assert found[path] == value, path


def written_and_read(model, folder):
    parts = pack_model(model)
    contents = BundleContents(arrays=parts.arrays, documents=parts.documents, blobs=parts.blobs)
    ref = write_bundle(folder, "default", contents)
    return unpack_model(open_bundle(folder, "default", ref.version))


MODELS = {
    "engine": model_of,
    "seen items are not shown": lambda: model_of(seen_allowed=False),
    "no times": lambda: model_of(has_times=False),
    "no features at all": bare_model,
    "context": context_model,
    "calibration": lambda: model_of(calibration=stepped_calibration()),
    "people": lambda: model_of(policy=Policy(seen_allowed=False, ranks_by_rating=False, people_to_people=True)),
    "what variety may cost": lambda: model_of(
        policy=Policy(seen_allowed=True, ranks_by_rating=False, max_sum_scales={True: 1.5, False: 0.25})
    ),
    **{
        f"{name} ratings": lambda make=make: model_of(engine=False, ratings=make(), by_rating=True)
        for name, make in RATINGS.items()
    },
    **{f"engine and {name} ratings": lambda make=make: model_of(ratings=make()) for name, make in RATINGS.items()},
}


@pytest.mark.parametrize("name", MODELS)
def test_every_part_comes_back(name, tmp_path):
    model = MODELS[name]()
    assert_same(model, written_and_read(model, tmp_path))


@pytest.mark.parametrize(
    "part",
    [
        lambda model: model.engine.reranker.scorer.layers[0].kernel,
        lambda model: model.engine.retriever.counting["item_cf"].weights,
        lambda model: model.engine.retriever.tower.features.tables["tags"],
        lambda model: model.engine.retriever.counts.cumulative,
        lambda model: model.engine.retriever.counting["content"].items.vectors,
        lambda model: model.customer_space.vectors,
        lambda model: model.calibration.proposed.probabilities,
        lambda model: model.ratings.scorer.item_half,
        lambda model: model.snapshot.events.times,
        lambda model: model.catalogue.attributes["tags"].codes,
    ],
)
def test_the_comparison_sees_every_part(part):
    model, other = (model_of(ratings=RATINGS["two_tower"](), calibration=stepped_calibration()) for _ in range(2))
    assert_same(model, other)
    part(other)[-1] += 1
    with pytest.raises(AssertionError):
        assert_same(model, other)


def test_an_approximate_index_comes_back_with_its_probes(tmp_path):
    model = model_of()
    vectors = model.engine.retriever.tower_items.vectors
    index = faiss.index_factory(vectors.shape[1], "IVF4,SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[1:])
    index.add(vectors[1:])
    approximate = ItemVectors(vectors, index=faiss.serialize_index(index), probes=3)
    model.engine.retriever = replace(model.engine.retriever, tower_items=approximate)
    after = written_and_read(model, tmp_path).engine.retriever
    assert after.tower_items.approximate
    assert after.tower_items.probes == 3
    assert not after.embedding_items.approximate
    assert_same(model, written_and_read(model, tmp_path))


def test_a_bundle_answers_as_the_model_did(tmp_path):
    model = model_of(ratings=RATINGS["scorer"]())
    after = written_and_read(model, tmp_path)
    batch = random_batch()
    mask = np.ones((len(batch), len(model.items)), np.bool_)
    ranked = [_ranked(engine, batch, mask) for engine in (model.engine, after.engine)]
    np.testing.assert_array_equal(ranked[0].items, ranked[1].items)
    np.testing.assert_array_equal(ranked[0].scores, ranked[1].scores)
    items = np.arange(1, 31, dtype=np.int32)[None, :].repeat(len(batch), axis=0)
    np.testing.assert_array_equal(model.ratings.predict(batch, items), after.ratings.predict(batch, items))


def _ranked(engine, batch, mask):
    encoded = engine.retriever.encode(batch)
    candidates = engine.retrieve(encoded, mask, seen_allowed=True, at_least=10)
    return engine.rerank(encoded, candidates, seen_allowed=True, k=10)


def test_open_ends_of_availability_survive_though_bundles_hold_no_infinities(tmp_path):
    model = model_of()
    model.catalogue.available_from[3] = 50.0
    model.catalogue.available_until[4] = 60.0
    after = written_and_read(model, tmp_path).catalogue
    assert after.available_from[[3, 4]].tolist() == [50.0, -np.inf]
    assert after.available_until[[3, 4]].tolist() == [np.inf, 60.0]


def test_a_half_life_that_never_ends_survives(tmp_path):
    model = model_of()
    retriever = model.engine.retriever
    model.engine.retriever = replace(retriever, signals=replace(retriever.signals, half_lives=(np.inf, 10.0)))
    assert written_and_read(model, tmp_path).engine.retriever.signals.half_lives == (np.inf, 10.0)


def test_rating_models_of_other_makes_are_refused():
    with pytest.raises(TypeError, match="no packing for object"):
        pack_model(model_of(ratings=object()))


def test_ids_come_back_in_their_places(tmp_path):
    after = written_and_read(model_of(), tmp_path)
    assert [after.items.row(item(n)) for n in (1, 30)] == [1, 30]
    assert after.customers.row(customer(6)) == 6


def test_the_position_of_the_log_of_changes_comes_back(tmp_path):
    model = model_of()
    trained = replace(model, snapshot=replace(model.snapshot, position=7))
    assert written_and_read(trained, tmp_path).snapshot.position == 7
